"""Allowances that workers and nodes share in Redis: one script charges all of a request or nothing, by the server's own time.

Rates are kept by GCRA, as in a process's own ledger: per owner what is owed, in microseconds, and when that was. Quotas are kept in a
few hashes of the period that the server is in, so that all of them can be found, and none is left when the period is over. What a key
holds of an owner of a rate is a digest; quotas hold their owner readable, since operators read them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from hashlib import blake2b, sha1
from typing import Any, NamedTuple

import msgspec

from gateway.sdk.allowance import SLACK, Allowance, Charge, Owner, Use, Verdict, ends, verdict

HASHES = 64
"""Hashes that the owners of one quota are spread over: Redis deletes a hash in one go, which may not take long."""

LONGEST_OWNER = 512
"""Bytes."""

MICROSECONDS = 1e6

SCRIPT = """
local tag, regardless, slack = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local HOUR, DAY = 3600000000, 86400000000

local function day_of_month(days)
  local shifted = days + 719468
  local of_era = shifted % 146097
  local year = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524) - math.floor(of_era / 146096)) / 365)
  local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * of_year + 2) / 153)
  return of_year - math.floor((153 * month + 2) / 5) + 1
end

local function period(kind)
  if kind ~= 'month' then
    local length = kind == 'hour' and HOUR or DAY
    local first = now - now % length
    return first, first + length
  end
  local day = math.floor(now / DAY)
  local first = day - day_of_month(day) + 1
  local later = first + 32
  return first * DAY, (later - day_of_month(later) + 1) * DAY
end

local found, enough, reply = {}, true, {tag}
for i, key in ipairs(KEYS) do
  local kind, cost, size, more = ARGV[4 * i], tonumber(ARGV[4 * i + 1]), tonumber(ARGV[4 * i + 2]), ARGV[4 * i + 3]
  local left, back
  if kind == 'rate' then
    local interval, owed = tonumber(more), 0
    local kept = redis.call('GET', key)
    if kept and #kept == 16 then
      local at, was = struct.unpack('<dd', kept)
      owed = math.max(0, was - math.max(0, now - at))
    end
    left, back = size - owed / interval, owed
    found[i] = owed + cost * interval
  else
    local first, last = period(kind)
    local used, fresh = 0, tonumber(redis.call('HGET', key, '')) ~= first
    if not fresh then used = tonumber(redis.call('HGET', key, more)) or 0 end
    left, back = size - used, last - now
    found[i] = {used + cost, fresh, first, last}
  end
  enough = enough and cost - left <= slack
  reply[2 * i + 1], reply[2 * i + 2] = string.format('%.17g', left), string.format('%.17g', back)
end
reply[2] = (enough or regardless) and 1 or 0
if reply[2] == 0 then return reply end

for i, key in ipairs(KEYS) do
  if ARGV[4 * i] == 'rate' then
    if found[i] > 0 then
      local keep = math.min(math.ceil(found[i] / 1000), 31536000000)
      redis.call('SET', key, struct.pack('<dd', now, found[i]), 'PX', string.format('%.0f', keep))
    else
      redis.call('DEL', key)
    end
  else
    local used, fresh, first, last = found[i][1], found[i][2], found[i][3], found[i][4]
    if fresh then
      redis.call('UNLINK', key)
      redis.call('HSET', key, '', string.format('%.0f', first))
    end
    redis.call('HSET', key, ARGV[4 * i + 3], string.format('%.17g', math.max(0, used)))
    redis.call('PEXPIREAT', key, string.format('%.0f', last / 1000))
  end
end
return reply
"""
"""Keys are those of the charges. Arguments: a tag that comes back, whether to charge regardless of what is left, and the slack; then for
each charge `rate`, its cost, capacity and microseconds a unit, or a quota's period, cost, units and owner. Tells the tag, whether it was
charged, and for each what was left, in units, and microseconds until all is back.

The day of the month is found by counting days from 1 March of a year 0, in eras of 400 years (Howard Hinnant, "chrono-Compatible
Low-Level Date Algorithms", civil_from_days)."""

DIGEST = sha1(SCRIPT.encode()).hexdigest()  # noqa: S324 -- what Redis calls a script by

NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?")

_pack = msgspec.msgpack.Encoder().encode
_write = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(tuple[msgspec.Raw, ...]).decode


class Order(NamedTuple):
    """A charge as Redis is asked for it: the command's words behind the script, and the tag of its reply."""

    words: tuple[Any, ...]
    tag: bytes


def order(prefix: bytes, charges: Sequence[Charge], *, regardless: bool) -> Order:
    """`prefix` is what all of the gateway's keys begin with."""
    tag = secrets.token_bytes(8)
    arguments: list[Any] = [tag, b"1" if regardless else b"0", SLACK]
    keys = []
    for charge in charges:
        owner, allowance, cost = charge.owner, charge.allowance, charge.cost
        if allowance.period is None:
            keys.append(prefix + b"rate:" + _digest(_pack((allowance.budget, owner))))
            arguments += [b"rate", cost, allowance.capacity, allowance.interval * MICROSECONDS]
        else:
            named = _named(owner)
            keys.append(_hash(prefix, allowance, int(_digest(named), 16) % HASHES))
            arguments += [allowance.period, cost, allowance.units, named]
    return Order((len(keys), *keys, *arguments), tag)


def fits(tag: bytes, charges: int, reply: Any) -> bool:
    """Whether a reply belongs to the order with this tag."""
    if not (isinstance(reply, list) and len(reply) == 2 + 2 * charges and reply[0] == tag and reply[1] in (0, 1)):
        return False
    return all(isinstance(each, bytes) and NUMBER.fullmatch(each) for each in reply[2:])


def read_verdict(charges: Sequence[Charge], reply: Sequence[Any], *, regardless: bool) -> Verdict:
    """What the script decided, by a reply that fits."""
    numbers = [float(each) for each in reply[2:]]
    balances = [(left, back / MICROSECONDS) for left, back in zip(numbers[::2], numbers[1::2], strict=True)]
    told = verdict(charges, balances)
    return told if regardless or told.allowed == bool(reply[1]) else msgspec.structs.replace(told, allowed=bool(reply[1]))


def hashes_of(prefix: bytes, quota: Allowance) -> list[bytes]:
    """The keys of all hashes that owners of a quota may be in."""
    return [_hash(prefix, quota, number) for number in range(HASHES)]


def read_uses(quota: Allowance, reply: Any) -> list[Use]:
    """What one of them holds, by a reply that is a list of names and values. Raises `ValueError` for what was written by somebody else."""
    fields = dict(zip(reply[::2], reply[1::2], strict=True))
    if not fields:
        return []
    if quota.period is None or b"" not in fields:
        raise ValueError("a hash of something else")
    until = ends(quota.period, float(fields.pop(b"")) / MICROSECONDS)
    return [Use(_owner(named), quota, float(used), until) for named, used in fields.items()]


def is_quota(quota: Allowance, reply: Any) -> bool:
    """Whether a reply is what `read_uses` reads."""
    if not (isinstance(reply, list) and len(reply) % 2 == 0 and all(isinstance(each, bytes) for each in reply)):
        return False
    try:
        read_uses(quota, reply)
    except (ValueError, OverflowError, OSError):  # the last two from a time that is none
        return False
    return True


def _hash(prefix: bytes, quota: Allowance, number: int) -> bytes:
    return b"%squota:%s:%d" % (prefix, quota.budget.encode(), number)


def _digest(packed: bytes) -> bytes:
    return blake2b(packed, digest_size=16).hexdigest().encode()


def _named(owner: Owner) -> bytes:
    """An owner as a JSON array; one that would be very long is told by a digest."""
    named = _write([msgspec.Raw(member) if isinstance(member, bytes) else member for member in owner])
    return named if len(named) <= LONGEST_OWNER else _write([f"blake2b:{_digest(named).decode()}"])


def _owner(named: bytes) -> Owner:
    """Raises `ValueError`."""
    return tuple(msgspec.json.decode(raw, type=str) if bytes(raw).startswith(b'"') else bytes(raw) for raw in _read(named))
