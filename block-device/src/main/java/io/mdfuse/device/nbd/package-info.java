/**
 * Devices of another machine or of another format, served by the NBD protocol. libnbd (Debian: libnbd0) speaks the
 * protocol; the library is loaded with the first such device, and a program without such devices does not need it.
 *
 * <h2>The device</h2>
 *
 * <p>Reading order: {@link io.mdfuse.device.nbd.NbdDevice} first, which cuts requests into
 * {@link io.mdfuse.device.nbd.NbdCommand}s ({@link io.mdfuse.device.nbd.NbdPieces}) and judges what came of them
 * ({@link io.mdfuse.device.nbd.NbdReplies}).
 * {@link io.mdfuse.device.nbd.NbdWorker} is the thread that sends them, with the states of a connection;
 * {@link io.mdfuse.device.nbd.ChangesAtRisk} and {@link io.mdfuse.device.nbd.Witness} decide whether a lost connection
 * may be replaced by a new one, and {@link io.mdfuse.device.nbd.NbdPatience} for how long that is tried.
 * {@link io.mdfuse.device.nbd.NbdConnection} is one connection to an {@link io.mdfuse.device.nbd.NbdExport}; if there
 * is none, a {@link io.mdfuse.device.nbd.NbdRefusedException} says why. {@link io.mdfuse.device.nbd.ServerTrust}
 * decides how the server of an {@code nbds} URI is verified.
 *
 * <h2>The libraries</h2>
 *
 * <p>{@link io.mdfuse.device.nbd.NbdLibrary} loads libnbd: {@link io.mdfuse.device.nbd.NbdFunctions} and
 * {@link io.mdfuse.device.nbd.NbdRequests}. {@link io.mdfuse.device.nbd.Alarm}, over
 * {@link io.mdfuse.device.nbd.PollFunctions} of the C library, lets a thread wait for a socket and for other threads.
 */
@NullMarked
package io.mdfuse.device.nbd;

import org.jspecify.annotations.NullMarked;
