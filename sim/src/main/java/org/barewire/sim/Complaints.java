package org.barewire.sim;

import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The rules that a driver has broken: one sentence each, once. Safe to call from any thread.
final class Complaints {
    /// A driver that breaks more rules than this learns nothing from the rest.
    private static final int LIMIT = 1000;

    private final Set<String> sentences = new LinkedHashSet<>();
    private final Set<Rule> rules = EnumSet.noneOf(Rule.class);

    /// @param subject who broke it: a register, as in `RDT(3)`, or a ring
    /// @param numbers that the rule's sentence asks for
    synchronized void add(Rule rule, String subject, Object... numbers) {
        rules.add(rule);
        if (sentences.size() < LIMIT) {
            sentences.add(rule.broken(subject, numbers));
        }
    }

    synchronized List<String> list() {
        return List.copyOf(sentences);
    }

    synchronized Set<Rule> rules() {
        return EnumSet.copyOf(rules);
    }
}
