package org.barewire.cli;

/// Lays text out for a terminal of 80 columns.
final class Paragraph {
    private static final int WIDTH = 80;

    private Paragraph() {}

    /// Breaks `text` at spaces so that it fits; the first line starts with `lead`, further ones are indented
    /// as far. A word that is too long for a line gets one of its own. Ends with a line break.
    static String of(String lead, String text) {
        StringBuilder result = new StringBuilder(lead);
        int column = lead.length();
        boolean atStart = true;
        for (String word : text.split(" ", -1)) {
            if (!atStart && column + 1 + word.length() > WIDTH) {
                result.append('\n').append(" ".repeat(lead.length()));
                column = lead.length();
                atStart = true;
            }
            if (!atStart) {
                result.append(' ');
                column++;
            }
            result.append(word);
            column += word.length();
            atStart = false;
        }
        return result.append('\n').toString();
    }
}
