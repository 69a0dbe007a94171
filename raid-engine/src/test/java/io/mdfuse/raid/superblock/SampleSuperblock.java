package io.mdfuse.raid.superblock;

/** The superblocks whose checksums were taken from a program that md's own tools accept. */
final class SampleSuperblock {
    /** The size in sectors of a device that these superblocks fit. */
    static final long DEVICE_SECTORS = 16384;

    private SampleSuperblock() {}

    /** Member {@code number} of a RAID-5 of three members and a journal, which is number 3. */
    static Superblock of(int number) {
        byte[] setUuid = new byte[16];
        byte[] deviceUuid = new byte[16];
        for (int i = 0; i < 16; i++) {
            setUuid[i] = (byte) i;
            deviceUuid[i] = (byte) number;
        }
        SuperblockEditor editor = SuperblockEditor.blank(MetadataVersion.V1_2, 128);
        editor.featureMap(Features.JOURNAL).setUuid(setUuid).setName("host:t");
        editor.ctimeSeconds(1_700_000_000L).utimeSeconds(1_700_000_001L);
        editor.level(5).layout(2).usedSectors(8192).chunkSectors(128).raidDisks(3);
        editor.data(2048, 14336).superOffsetSectors(8);
        editor.deviceNumber(number).deviceUuid(deviceUuid);
        editor.events(7).resyncOffsetSectors(Superblock.IN_SYNC);
        editor.role(0, 0).role(1, 1).role(2, 2).role(3, Roles.JOURNAL);
        if (number == 3) {
            editor.journalTailSector(64);
        }
        return Superblock.of(editor);
    }
}
