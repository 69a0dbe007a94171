# Sourced by findings about Java, after try.sh: Debian's OpenJDK 17 in the temporary folder; $java_home is its home.
need openjdk-17-jre-headless=17.0.21.1+2-1~deb12u1 openjdk-17-jdk-headless=17.0.21.1+2-1~deb12u1
java_home=$work/tools/usr/lib/jvm/java-17-openjdk-amd64
# The package's configuration lies in /etc, and its links to it are absolute.
find "$java_home" -type l -lname '/etc/java-17-openjdk/*' | while read -r link; do
  cp -r --remove-destination "$work/tools$(readlink "$link")" "$link"
done
