package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A device whose calls fail according to a plan; all others are forwarded.
 *
 * <p>Calls fail as they do on drives: a failed write may have written some of its sectors. A failed read leaves garbage
 * in the caller's memory, so that a test fails if the caller uses these bytes.
 */
public final class FaultyDevice extends ForwardingDevice {
    /** The byte with which a failed read fills the caller's memory. */
    public static final byte NOBODYS_DATA = (byte) 0xdb;

    private final FaultPlan plan;

    public FaultyDevice(BlockDevice device, FaultPlan plan) {
        super(device);
        this.plan = plan;
    }

    /** The same devices, of which one fails according to the plan. */
    public static List<BlockDevice> among(List<? extends BlockDevice> devices, int index, FaultPlan plan) {
        List<BlockDevice> all = new ArrayList<>(devices);
        all.set(index, new FaultyDevice(all.get(index), plan));
        return all;
    }

    @Override
    public void read(long offsetBytes, MemorySegment target) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, target.byteSize(), sizeBytes());
        String fault = plan.nextFault(FaultPlan.Verb.READ, offsetBytes, target.byteSize());
        if (fault != null) {
            target.fill(NOBODYS_DATA);
        }
        fail("read", offsetBytes, target.byteSize(), fault);
        device.read(offsetBytes, target);
    }

    @Override
    public void write(long offsetBytes, MemorySegment source) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, source.byteSize(), sizeBytes());
        String fault = plan.nextFault(FaultPlan.Verb.WRITE, offsetBytes, source.byteSize());
        if (fault != null) {
            long lengthBytes = plan.bytesBeforeFault(source.byteSize());
            if (lengthBytes > 0) {
                device.write(offsetBytes, source.asSlice(0, lengthBytes));
            }
        }
        fail("write", offsetBytes, source.byteSize(), fault);
        device.write(offsetBytes, source);
        plan.written(offsetBytes, source.byteSize());
    }

    @Override
    public void flush() throws DeviceException {
        fail("flush", 0, 0, plan.nextFault(FaultPlan.Verb.FLUSH, 0, 0));
        device.flush();
    }

    @Override
    public boolean trim(long offsetBytes, long lengthBytes) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        fail("trim", offsetBytes, lengthBytes, plan.nextFault(FaultPlan.Verb.TRIM, offsetBytes, lengthBytes));
        return device.trim(offsetBytes, lengthBytes);
    }

    @Override
    public boolean discard(long offsetBytes, long lengthBytes) throws DeviceException {
        Objects.checkFromIndexSize(offsetBytes, lengthBytes, sizeBytes());
        fail("discard", offsetBytes, lengthBytes, plan.nextFault(FaultPlan.Verb.TRIM, offsetBytes, lengthBytes));
        return device.discard(offsetBytes, lengthBytes);
    }

    private void fail(String verb, long offsetBytes, long lengthBytes, @Nullable String fault) throws DeviceException {
        if (fault != null) {
            throw new DeviceException(name(), verb, offsetBytes, lengthBytes, fault);
        }
    }
}
