/**
 * The Helm chart (helm/parley): rendered by Helm itself in this JVM, without a cluster, and read as
 * the cluster would read it.
 */
@NullMarked
package dev.parley.helm;

import org.jspecify.annotations.NullMarked;
