package io.mdfuse.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A device that fails where its plan says so, and else does what the device beneath it does.
 *
 * <p>It fails as drives do: a failed write may have brought some of its sectors to the medium, and a failed read leaves
 * bytes in the caller's memory that are nobody's data, so that whoever uses them is found out.
 */
public final class FaultyDevice extends ForwardingDevice {
    /** What a failed read leaves behind. */
    public static final byte NOBODYS_DATA = (byte) 0xdb;

    private final FaultPlan plan;

    public FaultyDevice(BlockDevice device, FaultPlan plan) {
        super(device);
        this.plan = plan;
    }

    /** The same devices, one of which fails by a plan. */
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

    private void fail(String verb, long offsetBytes, long lengthBytes, @Nullable String fault) throws DeviceException {
        if (fault != null) {
            throw new DeviceException(name(), verb, offsetBytes, lengthBytes, fault);
        }
    }
}
