package io.mdfuse.device.lock;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails each test during which a thread acquired locks in a wrong order, even if the exception was caught or ended a
 * background thread. The class is registered for the tests of all modules.
 */
public final class LockOrderWatch implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LockOrderWatch.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put("violations", LockOrder.violations());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Integer before = context.getStore(NAMESPACE).get("violations", Integer.class);
        boolean provoked = context.getRequiredTestClass().getPackageName().equals("io.mdfuse.device.lock");
        if (before != null && LockOrder.violations() > before && !provoked) {
            throw new IllegalStateException("locks were acquired in a wrong order; the log of this test says which");
        }
    }
}
