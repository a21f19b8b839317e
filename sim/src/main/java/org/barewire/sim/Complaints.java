package org.barewire.sim;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The rules that a driver has broken: one sentence each, once. Safe to call from any thread.
final class Complaints {
    /// A driver that breaks more rules than this learns nothing from the rest.
    private static final int LIMIT = 1000;

    private final Set<String> sentences = new LinkedHashSet<>();

    /// @param section of the datasheet, or whose finding it is
    @SuppressWarnings("AnnotateFormatMethod") // the annotation is in a library, and this module has none
    synchronized void add(String section, String format, Object... arguments) {
        if (sentences.size() < LIMIT) {
            sentences.add("%s (%s).".formatted(String.format(Locale.ROOT, format, arguments), section));
        }
    }

    synchronized List<String> list() {
        return List.copyOf(sentences);
    }
}
