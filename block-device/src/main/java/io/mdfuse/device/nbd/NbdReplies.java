package io.mdfuse.device.nbd;

import io.mdfuse.device.DeviceException;
import io.mdfuse.device.NoSpaceException;
import java.util.List;

/** Sends the commands of one request, waits for all of them, and says what their errors mean for the request. */
final class NbdReplies {
    private static final int EPERM = 1;
    private static final int EIO = 5;
    private static final int ENOMEM = 12;
    private static final int EINVAL = 22;
    private static final int ENOSPC = 28;
    private static final int EOVERFLOW = 75;
    private static final int EOPNOTSUPP = 95;

    private final String device;

    NbdReplies(String device) {
        this.device = device;
    }

    /**
     * Carries out all commands.
     *
     * @param verb for the message
     * @throws NoSpaceException if the server has no space for a write
     * @throws DeviceException if one failed otherwise
     */
    void await(String verb, List<NbdCommand> commands, NbdWorker worker) throws DeviceException {
        commands.forEach(worker::submit);
        // All have ended before one is judged: the caller may free the memory once this throws.
        commands.forEach(NbdCommand::await);
        for (NbdCommand command : commands) {
            require(verb, command);
        }
    }

    private void require(String verb, NbdCommand command) throws DeviceException {
        String loss = command.loss();
        if (loss != null) {
            throw new DeviceException(device, verb, command.offsetBytes(), command.lengthBytes(), loss);
        }
        if (command.errno() == 0) {
            return;
        }
        String reason = "its server answered: " + words(command.errno());
        if (command.errno() != ENOSPC) {
            throw new DeviceException(device, verb, command.offsetBytes(), command.lengthBytes(), reason);
        }
        throw command.kind() == NbdCommand.Kind.FLUSH
                ? DeviceException.writesLostForLackOfSpace(device, reason)
                : new NoSpaceException(device, verb, command.offsetBytes(), command.lengthBytes(), reason);
    }

    /**
     * Carries out commands that make zeros, one after another.
     *
     * @return false if the server can't do that; nothing was changed then
     */
    boolean zeroed(List<NbdCommand> commands, NbdWorker worker) throws DeviceException {
        for (NbdCommand command : commands) {
            worker.submit(command);
            command.await();
            boolean cannot = command.errno() == EOPNOTSUPP || command.errno() == EINVAL;
            if (cannot && command == commands.getFirst()) {
                return false;
            }
            require("trim", command);
        }
        return true;
    }

    /** The numbers that a server may answer with: the protocol has no others. */
    private static String words(int errno) {
        return switch (errno) {
            case EPERM -> "Operation not permitted";
            case EIO -> "Input/output error";
            case ENOMEM -> "Cannot allocate memory";
            case EINVAL -> "Invalid argument";
            case ENOSPC -> "No space left on device";
            case EOVERFLOW -> "Value too large for defined data type";
            case EOPNOTSUPP -> "Operation not supported";
            default -> "error " + errno;
        };
    }
}
