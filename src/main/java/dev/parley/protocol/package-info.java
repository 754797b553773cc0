/**
 * What Parley speaks on the wire: frames, their JSON and binary codecs, the identifiers they carry
 * and the two catalogues of codes. The only implementation of docs/PROTOCOL.md. Plain Java: no
 * Spring, no threads, no state; every other package may use it and it uses none.
 */
@NullMarked
package dev.parley.protocol;

import org.jspecify.annotations.NullMarked;
