package io.mdfuse.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Curses;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;

/**
 * The live page on a terminal. The screen is the alternate one, so the terminal looks as before when the page ends: by
 * q, Ctrl-C, a signal, or the end of the mount.
 */
final class WatchTerminal {
    private static final int LOOK_MILLIS = 100;
    private static final long SILENCE_NANOS = 5_000_000_000L;
    private static final long RESTORE_MILLIS = 500;
    private static final int CONTROL_C = 3;
    private static final int END_OF_INPUT = -1;

    private final WatchSampler sampler;
    private final boolean colours;
    private final WatchHistory history = new WatchHistory();
    private final AtomicBoolean resized = new AtomicBoolean(true);
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CountDownLatch restored = new CountDownLatch(1);

    WatchTerminal(WatchSampler sampler, boolean colours) {
        this.sampler = sampler;
        this.colours = colours;
    }

    /**
     * Shows the page until the user ends it.
     *
     * @throws IOException if the array can't be asked any more
     */
    void run() throws IOException {
        try (Terminal terminal =
                TerminalBuilder.builder().system(true).nativeSignals(true).build()) {
            if (terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
                throw new IOException("this terminal can't show a live page; --once prints the figures");
            }
            String leave = string(terminal, Capability.cursor_visible) + string(terminal, Capability.exit_ca_mode);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> leaveAtSignal(leave), "mdfuse-restore"));
            terminal.handle(Terminal.Signal.WINCH, signal -> resized.set(true));
            terminal.handle(Terminal.Signal.INT, signal -> ended.set(true));
            Attributes before = terminal.enterRawMode();
            terminal.puts(Capability.enter_ca_mode);
            terminal.puts(Capability.cursor_invisible);
            try {
                show(terminal);
            } finally {
                terminal.puts(Capability.cursor_visible);
                terminal.puts(Capability.exit_ca_mode);
                terminal.flush();
                terminal.setAttributes(before);
                restored.countDown();
            }
        }
    }

    private static String string(Terminal terminal, Capability capability) {
        String string = terminal.getStringCapability(capability);
        return string == null ? "" : Curses.tputs(string);
    }

    /**
     * A signal ends the process: the page ends first. JLine closes the terminal at the same time and restores its mode,
     * so the screen is left without it.
     */
    private void leaveAtSignal(String leave) {
        if (restored.getCount() == 0) {
            return;
        }
        ended.set(true);
        try {
            var unused = restored.await(RESTORE_MILLIS, TimeUnit.MILLISECONDS);
            new FileOutputStream(FileDescriptor.out).write(leave.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // The terminal has gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void show(Terminal terminal) throws IOException {
        Display display = new Display(terminal, true);
        long shown = -1;
        boolean wasSilent = false;
        while (!ended.get()) {
            WatchSampler.Result result = sampler.newest();
            IOException failure = result.failure();
            if (failure != null) {
                throw failure;
            }
            boolean silent = System.nanoTime() - result.atNanos() > SILENCE_NANOS;
            boolean newSize = resized.getAndSet(false);
            if (newSize) {
                Size size = terminal.getSize();
                display.clear();
                display.resize(size);
            }
            // The first figures are averages since the opening.
            if (result.number() != shown && result.number() > 0) {
                history.add(result.figures());
            }
            if (newSize || result.number() != shown || silent != wasSilent) {
                display.update(lines(terminal.getSize(), result.figures(), silent), 0);
                shown = result.number();
                wasSilent = silent;
            }
            int key = terminal.reader().read(LOOK_MILLIS);
            if (key == 'q' || key == 'Q' || key == CONTROL_C || key == END_OF_INPUT) {
                return;
            }
        }
    }

    private List<AttributedString> lines(Size size, WatchFigures figures, boolean silent) {
        if (size.getColumns() < WatchPage.LEAST_COLUMNS || size.getRows() < WatchPage.LEAST_ROWS) {
            return List.of(new AttributedString("the window is too small"));
        }
        String footer = silent ? "the array has not answered for some seconds    q ends" : "q ends";
        return new WatchPage(figures, history, size.getColumns(), size.getRows(), colours).lines(footer);
    }
}
