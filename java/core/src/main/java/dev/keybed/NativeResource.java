package dev.keybed;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The native library as a resource on the class path. */
final class NativeResource {

    private NativeResource() {}

    /**
     * The copy that belongs to this class: the one in the same jar (or folder) if there is one, else the only one. Two
     * that differ are refused: loading either would be a guess.
     *
     * @param failures receives the reason when the answer is null
     */
    static URL find(String resource, List<String> failures) {
        List<URL> copies;
        try {
            copies = Collections.list(NativeResource.class.getClassLoader().getResources(resource));
            for (URL copy : copies) {
                if (isBesideThisClass(copy)) {
                    return copy;
                }
            }
            if (!copies.isEmpty() && allEqual(copies)) {
                return copies.get(0);
            }
        } catch (IOException e) {
            failures.add("resource " + resource + ": " + e);
            return null;
        }
        failures.add("resource " + resource
                + (copies.isEmpty() ? ": not on the class path" : ": several that differ: " + copies));
        return null;
    }

    /** Past the cache of jar files: a cached one stays open, and keeps a jar that is dropped with its class loader. */
    static InputStream open(URL resource) throws IOException {
        URLConnection connection = resource.openConnection();
        connection.setUseCaches(false);
        return connection.getInputStream();
    }

    private static boolean isBesideThisClass(URL copy) {
        CodeSource source = NativeResource.class.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return false;
        }
        String home = source.getLocation().toString();
        String place = copy.toString();
        return place.startsWith(home) || place.startsWith("jar:" + home + "!");
    }

    private static boolean allEqual(List<URL> copies) throws IOException {
        byte[] first = read(copies.get(0));
        for (URL copy : copies.subList(1, copies.size())) {
            if (!Arrays.equals(first, read(copy))) {
                return false;
            }
        }
        return true;
    }

    private static byte[] read(URL resource) throws IOException {
        try (InputStream bytes = open(resource)) {
            return bytes.readAllBytes();
        }
    }
}
