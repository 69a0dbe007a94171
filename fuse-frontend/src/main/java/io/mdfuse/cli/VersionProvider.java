package io.mdfuse.cli;

import picocli.CommandLine.IVersionProvider;

/** Takes the version from the jar's manifest, so that only the build contains it. */
final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = VersionProvider.class.getPackage().getImplementationVersion();
        return new String[] {"mdfuse " + (version == null ? "(not packaged)" : version)};
    }
}
