package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RuleTest {
    private static final List<Class<?>> WRONG_STEPS =
            List.of(StartRulesTest.class, RingRulesTest.class, TxRulesTest.class, OffloadRulesTest.class);

    /// Whether a test really breaks the rules that it bears, it checks itself whenever it runs.
    @Test
    void everyRuleIsBrokenByATest() {
        Set<Rule> unbroken = EnumSet.allOf(Rule.class);
        for (Class<?> tests : WRONG_STEPS) {
            for (Method test : tests.getDeclaredMethods()) {
                Breaks breaks = test.getAnnotation(Breaks.class);
                if (breaks != null) {
                    unbroken.removeAll(List.of(breaks.value()));
                }
            }
        }
        assertThat(unbroken).as("rules that no @Breaks test provokes").isEmpty();
    }

    @Test
    void aComplaintSaysWhoBrokeWhatAndWhereItIsWritten() {
        assertThat(Rule.TAIL_BEYOND_RING.broken("RDT(3)", 64, 64))
                .isEqualTo("RDT(3): was written as 64, but the ring has 64 descriptors (7.1.9, 7.2.3.3).");
    }

    @Test
    void aComplaintIsMadeOnce() {
        Complaints complaints = new Complaints();
        complaints.add(Rule.NO_SNOOP, "CTRL_EXT");
        complaints.add(Rule.NO_SNOOP, "CTRL_EXT");
        assertThat(complaints.list()).hasSize(1);
        assertThat(complaints.rules()).containsExactly(Rule.NO_SNOOP);
    }
}
