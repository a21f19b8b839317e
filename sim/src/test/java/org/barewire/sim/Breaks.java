package org.barewire.sim;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A test in which a driver by hand does something wrong: it gets a {@link Bench}, which is closed for it,
/// and fails unless the model has complained of these rules and no others.
///
/// {@link RuleTest} asks of every rule that some test bears it.
@Test
@ExtendWith(BreaksExtension.class)
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Breaks {
    Rule[] value();
}
