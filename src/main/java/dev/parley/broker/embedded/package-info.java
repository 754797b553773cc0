/**
 * The broker of a service that is a single instance: logs, dedup windows and presence in memory,
 * within the budget for logs. Nothing outside this package uses it; Spring makes it if {@code
 * parley.broker} is {@code embedded}.
 */
@NullMarked
package dev.parley.broker.embedded;

import org.jspecify.annotations.NullMarked;
