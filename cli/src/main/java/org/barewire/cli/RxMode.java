package org.barewire.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// What a data-plane thread does while nothing arrives.
enum RxMode {
    /// Asks on and on: the shortest delay, and all of a CPU.
    POLLING,
    /// Asks on and on under load, and sleeps until an interrupt when there is none.
    ADAPTIVE;

    /// As the help spells it, for completion.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads a mode, which is offered in small letters.
    static final class Converter implements ITypeConverter<RxMode> {
        @Override
        public RxMode convert(String text) {
            for (RxMode mode : values()) {
                if (mode.name().equalsIgnoreCase(text)) {
                    return mode;
                }
            }
            throw new TypeConversionException("'%s' is neither polling nor adaptive".formatted(text));
        }
    }
}
