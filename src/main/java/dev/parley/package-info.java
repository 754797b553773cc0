/** The service's entry point; everything else lives in one package per feature. */
@NullMarked
package dev.parley;

import org.jspecify.annotations.NullMarked;
