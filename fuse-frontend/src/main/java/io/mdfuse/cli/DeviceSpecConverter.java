package io.mdfuse.cli;

import io.mdfuse.device.DeviceOpenException;
import io.mdfuse.raid.spec.DeviceSpec;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Devices on the command line: {@link DeviceSpec}. */
final class DeviceSpecConverter implements ITypeConverter<DeviceSpec> {
    /** What the help of each verb says of the devices that it takes. */
    static final String HELP =
            "A device is an image file or a block device, or a part of one: disk.dd@5 is its partition 5,"
                    + " disk.dd@5000M,2T are 2T from 5000M on. disk.dd,map=disk.map has a map of GNU ddrescue of"
                    + " what was not read; without map= it is looked for beside the image (map=none: there is none).";

    @Override
    public DeviceSpec convert(String text) {
        try {
            return DeviceSpec.parse(text);
        } catch (DeviceOpenException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
