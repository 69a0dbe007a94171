package io.mdfuse.raid.create;
