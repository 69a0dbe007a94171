#!/bin/sh
# libfuse 2 calls this name to mount for a user. mdfuse puts this file's directory at the end of PATH if the machine has
# only fusermount3, which does the same work by the same protocol.
exec fusermount3 "$@"
