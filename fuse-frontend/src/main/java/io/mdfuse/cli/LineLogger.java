package io.mdfuse.cli;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** Writes log messages of level INFO and above to {@link LogLines}, without the name of the class. */
final class LineLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    private static final Level LEAST = Level.INFO;

    LineLogger(String name) {
        this.name = name;
    }

    private static boolean writes(Level level) {
        return level.compareTo(LEAST) <= 0;
    }

    @Override
    public boolean isTraceEnabled() {
        return writes(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return writes(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return writes(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return writes(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return writes(Level.ERROR);
    }

    @Override
    protected String getFullyQualifiedCallerName() {
        return getName();
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            String pattern,
            Object @Nullable [] arguments,
            @Nullable Throwable failure) {
        String text = MessageFormatter.basicArrayFormat(pattern, arguments);
        LogLines.ofThisProcess().write(level, text, failure);
    }
}
