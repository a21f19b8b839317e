package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives a {@link Breaks} test its bench, which the store closes, and checks what it has provoked.
final class BreaksExtension implements ParameterResolver, AfterTestExecutionCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(Breaks.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Bench.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return bench(context);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        if (context.getExecutionException().isEmpty()) {
            Rule[] rules =
                    context.getRequiredTestMethod().getAnnotation(Breaks.class).value();
            assertThat(bench(context).nic.brokenRules()).as("rules broken").containsExactlyInAnyOrder(rules);
        }
    }

    private static Bench bench(ExtensionContext context) {
        return context.getStore(NAMESPACE).computeIfAbsent(Bench.class, key -> new Bench(), Bench.class);
    }
}
