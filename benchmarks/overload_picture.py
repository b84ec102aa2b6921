"""The overload curve as a picture: what is offered against what is answered in time, both as parts of the peak."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 40, 50
COLOURS = ("#1f6f43", "#b3261e", "#5f6368")
DASHES = ("", "", "4 4")

Curve = Sequence[tuple[float, float]]
"""Points: offered and answered, 1 being the peak."""


def drawn(curves: Mapping[str, Curve], title: str) -> str:
    """An SVG with a line for each curve, by name."""
    widest = max(x for curve in curves.values() for x, _ in curve)
    tallest = max(1.1, *(y for curve in curves.values() for _, y in curve))

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + x / widest * (WIDTH - LEFT - RIGHT)
        return round(across, 1), round(HEIGHT - BOTTOM - y / tallest * (HEIGHT - TOP - BOTTOM), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12" fill="#202124">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="14">{title}</text>',
    ]
    for step in range(int(tallest / 0.25) + 1):
        parts += _level(step * 0.25, place, widest)
    for step in range(int(widest) + 1):
        x, y = place(step, 0)
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{step} ×</text>')
    parts.append(f'<text x="{(WIDTH + LEFT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">offered, in times of the peak</text>')
    for number, (name, curve) in enumerate(curves.items()):
        parts += _curve(name, [place(x, y) for x, y in curve], number)
    return "\n".join([*parts, "</svg>", ""])


def _level(y: float, place: Callable[[float, float], tuple[float, float]], widest: float) -> list[str]:
    left, height = place(0, y)
    right, _ = place(widest, y)
    return [
        f'<line x1="{left}" y1="{height}" x2="{right}" y2="{height}" stroke="#dadce0"/>',
        f'<text x="{left - 8}" y="{height + 4}" text-anchor="end">{y * 100:.0f} %</text>',
    ]


def _curve(name: str, points: Sequence[tuple[float, float]], number: int) -> list[str]:
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    path = " ".join(f"{x},{y}" for x, y in points)
    x, y = LEFT + 16, TOP + 14 + 18 * number
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>',
        *(f'<circle cx="{at}" cy="{up}" r="3" fill="{colour}"/>' for at, up in points if not dash),
        f'<line x1="{x}" y1="{y}" x2="{x + 24}" y2="{y}" stroke="{colour}" stroke-width="2"{dashes}/>',
        f'<text x="{x + 32}" y="{y + 4}">{name}</text>',
    ]
