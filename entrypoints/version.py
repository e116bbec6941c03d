"""The version of this system; the package of the functions has no metadata to read it from."""

VERSION = "0.1.0"
