import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Gives the old classes in the jars of a directory the class file version of Java 8. Java's class cache takes no class
 * older than Java 6, since those have no stack maps and are verified in another way; picocli and ASM are compiled for
 * Java 5. The instructions stay as they are, and each method gets its stack map. A jar without such classes is not
 * touched.
 *
 * <p>Usage: java LiftClasses.java DIRECTORY
 */
final class LiftClasses {
    private static final int FIRST_VERSION_WITH_STACK_MAPS = ClassFile.JAVA_6_VERSION;
    private static final String CLASS = ".class";

    private LiftClasses() {}

    public static void main(String[] args) throws IOException {
        Map<Path, Map<ZipEntry, byte[]>> jars = new LinkedHashMap<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(Path.of(args[0]), "*.jar")) {
            for (Path jar : found) {
                jars.put(jar, entries(jar));
            }
        }
        ClassFile classFile = ClassFile.of(
                ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(classesOf(jars)));
        for (Map.Entry<Path, Map<ZipEntry, byte[]>> jar : jars.entrySet()) {
            if (jar.getValue().entrySet().stream().anyMatch(entry -> isOld(entry.getKey(), entry.getValue()))) {
                write(jar.getKey(), jar.getValue(), classFile);
            }
        }
    }

    private static Map<ZipEntry, byte[]> entries(Path jar) throws IOException {
        Map<ZipEntry, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry, in.readAllBytes());
            }
        }
        return entries;
    }

    /** A stack map says which class two values have in common, so the superclasses of all classes must be known. */
    private static ClassHierarchyResolver classesOf(Map<Path, Map<ZipEntry, byte[]>> jars) {
        Map<String, byte[]> classes = new LinkedHashMap<>();
        jars.values().forEach(jar -> jar.forEach((entry, bytes) -> classes.put(entry.getName(), bytes)));
        return ClassHierarchyResolver.ofResourceParsing(type -> {
                    String descriptor = type.descriptorString();
                    byte[] bytes = classes.get(descriptor.substring(1, descriptor.length() - 1) + CLASS);
                    return bytes == null ? null : new ByteArrayInputStream(bytes);
                })
                .orElse(ClassHierarchyResolver.defaultResolver());
    }

    private static boolean isOld(ZipEntry entry, byte[] bytes) {
        return entry.getName().endsWith(CLASS)
                && ((bytes[6] & 0xff) << 8 | bytes[7] & 0xff) < FIRST_VERSION_WITH_STACK_MAPS;
    }

    private static void write(Path jar, Map<ZipEntry, byte[]> entries, ClassFile classFile) throws IOException {
        Path lifted = jar.resolveSibling(jar.getFileName() + ".lifted");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(lifted))) {
            for (Map.Entry<ZipEntry, byte[]> entry : entries.entrySet()) {
                byte[] bytes = entry.getValue();
                ZipEntry copy = new ZipEntry(entry.getKey().getName());
                copy.setTimeLocal(entry.getKey().getTimeLocal());
                out.putNextEntry(copy);
                out.write(isOld(copy, bytes) ? lift(classFile, bytes) : bytes);
            }
        }
        Files.move(lifted, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] lift(ClassFile classFile, byte[] bytes) {
        ClassModel old = classFile.parse(bytes);
        // A method's code is copied without a stack map unless its elements are passed on one by one.
        return classFile.transformClass(
                old, ClassTransform.transformingMethodBodies((code, element) -> code.with(element))
                        .andThen((built, element) -> {
                            if (element instanceof ClassFileVersion) {
                                built.withVersion(ClassFile.JAVA_8_VERSION, 0);
                            } else {
                                built.with(element);
                            }
                        }));
    }
}
