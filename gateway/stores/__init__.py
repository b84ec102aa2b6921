"""Where the gateway keeps what it must remember, behind small protocols of `gateway.sdk`."""
