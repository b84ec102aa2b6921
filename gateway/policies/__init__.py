"""Built-in stages, identity kinds and interceptors, one file each. They import only `gateway.sdk`."""
