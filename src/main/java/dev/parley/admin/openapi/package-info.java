/** The OpenAPI document of REST, with its schemas and the description of each field. */
@NullMarked
package dev.parley.admin.openapi;

import org.jspecify.annotations.NullMarked;
