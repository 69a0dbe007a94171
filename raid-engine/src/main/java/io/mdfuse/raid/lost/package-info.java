/**
 * Arrays whose superblocks are lost: finds the level, the layout, the chunk, the start of the data and the order of the
 * devices from what lies on them. It only reads.
 *
 * <p>Reading order: {@link io.mdfuse.raid.lost.LostArrayFinder} has the steps,
 * {@link io.mdfuse.raid.lost.LostArrayCandidate} is the result, with its {@link io.mdfuse.raid.lost.LostArrayShape}.
 *
 * <h2>Clues</h2>
 *
 * <p>A {@link io.mdfuse.raid.lost.Clue} is a block that says where in the volume it belongs.
 * {@link io.mdfuse.raid.lost.ContentSearch} finds the file systems, by {@link io.mdfuse.raid.lost.ExtShape},
 * {@link io.mdfuse.raid.lost.BtrfsShape} and the superblock of XFS, and {@link io.mdfuse.raid.lost.VolumeStarts} where
 * they can begin. {@link io.mdfuse.raid.lost.LostDevices} reads the blocks, those of the solved device too, and each
 * {@link io.mdfuse.raid.lost.ClueSource} looks at them: {@link io.mdfuse.raid.lost.ExtClues},
 * {@link io.mdfuse.raid.lost.XfsClues} and {@link io.mdfuse.raid.lost.BtrfsClues} with its
 * {@link io.mdfuse.raid.lost.BtrfsChunk}s, with the help of {@link io.mdfuse.raid.lost.BlockBytes}. Checksums wait in a
 * {@link io.mdfuse.raid.lost.ChecksumList}.
 *
 * <h2>Shapes</h2>
 *
 * <p>{@link io.mdfuse.raid.lost.LostShape} lists what is possible, with the devices of a
 * {@link io.mdfuse.raid.lost.LostSide}. {@link io.mdfuse.raid.lost.Arrangement} puts the
 * devices into the slots that the most clues agree with and {@link io.mdfuse.raid.lost.ParityPresence} allows, which
 * leaves out {@link io.mdfuse.raid.lost.AlikeBlocks}. {@link io.mdfuse.raid.lost.ParityFit} checks the parity of the
 * stripes that {@link io.mdfuse.raid.lost.StripeSample} chose, {@link io.mdfuse.raid.lost.UsedBlocks} compares with the
 * file system's own map of its blocks, and {@link io.mdfuse.raid.lost.OrderSearch} decides by it what the clues leave
 * open. {@link io.mdfuse.raid.lost.CandidateRanking} puts the candidates into order, those that are the same volume by
 * {@link io.mdfuse.raid.lost.SameVolume} next to each other.
 *
 * <h2>Without clues</h2>
 *
 * <p>{@link io.mdfuse.raid.lost.BlindSearch} tries orders by {@link io.mdfuse.raid.lost.QuickParity} and by
 * {@link io.mdfuse.raid.lost.VolumeFlow}, which compares what {@link io.mdfuse.raid.lost.BlockTextures} keeps of the
 * blocks.
 */
@NullMarked
package io.mdfuse.raid.lost;

import org.jspecify.annotations.NullMarked;
