package org.barewire.cli;

/// One thing that `barewire doctor` has looked at.
///
/// @param topic   what it is about, in a few words
/// @param finding what is there
/// @param cure    a command or a flag that improves it; empty where nothing needs to be done
record Check(String topic, Verdict verdict, String finding, String cure) {
    enum Verdict {
        OK("ok"),
        /// Barewire runs, but slower, less steadily or with fewer kinds of devices.
        COULD_BE_BETTER("could be better"),
        /// Barewire can't run at all.
        MISSING("missing");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    static Check ok(String topic, String finding) {
        return new Check(topic, Verdict.OK, finding, "");
    }

    static Check couldBeBetter(String topic, String finding, String cure) {
        return new Check(topic, Verdict.COULD_BE_BETTER, finding, cure);
    }

    static Check missing(String topic, String finding, String cure) {
        return new Check(topic, Verdict.MISSING, finding, cure);
    }
}
