package org.barewire.drivers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepsTest {
    private final List<Integer> taken = new ArrayList<>();

    @Test
    void everyStepIsTakenAndTheFirstFailureIsThrown() {
        IllegalStateException later = new IllegalStateException("later");
        Steps steps = new Steps();
        steps.take(() -> taken.add(1));
        steps.take(() -> fail(new AssertionError("first")));
        steps.take(() -> fail(later));
        steps.take(() -> taken.add(2));
        assertThat(taken).containsExactly(1, 2);
        assertThatThrownBy(steps::end)
                .isInstanceOf(AssertionError.class)
                .hasMessage("first")
                .hasSuppressedException(later);
    }

    @Test
    void nothingIsThrownIfNothingFailed() {
        Steps steps = new Steps();
        steps.take(() -> taken.add(1));
        assertThatCode(steps::end).doesNotThrowAnyException();
    }

    @Test
    void undoingGoesBackwardsAndKeepsTheFailureThatItIsFor() {
        IllegalStateException failure = new IllegalStateException("the third step failed");
        IllegalStateException another = new IllegalStateException("undoing the second one failed");
        assertThatThrownBy(() -> {
                    try (Undo undo = new Undo()) {
                        undo.add(() -> taken.add(1));
                        undo.add(() -> fail(another));
                        undo.add(() -> taken.add(3));
                        throw failure;
                    }
                })
                .isSameAs(failure)
                .hasSuppressedException(another);
        assertThat(taken).containsExactly(3, 1);
    }

    @Test
    void whatWentWellIsNotUndone() {
        try (Undo undo = new Undo()) {
            undo.add(() -> taken.add(1));
            undo.forget();
        }
        assertThat(taken).isEmpty();
    }

    private static void fail(RuntimeException e) {
        throw e;
    }

    private static void fail(Error e) {
        throw e;
    }
}
