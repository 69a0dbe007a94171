#!/usr/bin/env bash
# Prints where the oracle's kernel is, or will be: MDFUSE_ORACLE, or a place in the user's cache.
echo "${MDFUSE_ORACLE:-${XDG_CACHE_HOME:-$HOME/.cache}/mdfuse/linux-uml}"
