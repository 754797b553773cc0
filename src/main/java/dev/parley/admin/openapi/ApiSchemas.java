package dev.parley.admin.openapi;

import dev.parley.admin.ConnectionsEndpoint;
import dev.parley.admin.InstancesEndpoint;
import dev.parley.admin.MembersEndpoint;
import dev.parley.admin.MessagesEndpoint;
import dev.parley.admin.PublishResult;
import dev.parley.admin.RoomMerge;
import dev.parley.admin.RoomsEndpoint;
import dev.parley.admin.StatisticsEndpoint;
import dev.parley.admin.UsersEndpoint;
import dev.parley.admin.cluster.CommandResult;
import dev.parley.admin.cluster.Results;
import dev.parley.http.Published;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The document's schemas: of the records that answers are made of, and those of what is read and
 * written by hand.
 */
final class ApiSchemas {
  /** What an answer may be or hold: a field that is not {@code @Nullable} is always there. */
  private static final List<Class<? extends Record>> RECORDS =
      List.of(
          CommandResult.class,
          CommandResult.Change.class,
          ConnectionsEndpoint.ConnectionList.class,
          InstancesEndpoint.InstanceList.class,
          MembersEndpoint.Member.class,
          MembersEndpoint.MemberList.class,
          MessagesEndpoint.PublishedToMany.class,
          PublishResult.class,
          Published.class,
          Results.ConnectionReport.class,
          Results.InstanceReport.class,
          Results.LaneReport.class,
          RoomMerge.Place.class,
          RoomMerge.RoomDetails.class,
          RoomMerge.RoomSummary.class,
          RoomsEndpoint.Deleted.class,
          RoomsEndpoint.RoomList.class,
          StatisticsEndpoint.Statistics.class,
          UsersEndpoint.UserConnection.class,
          UsersEndpoint.UserDetails.class);

  private static final int MAX_TEXT = 64;

  private ApiSchemas() {}

  static void addTo(Components components, int maxBatchMessages) {
    RECORDS.forEach(record -> {
      Schema<?> schema = components.getSchemas().get(record.getSimpleName());
      if (schema != null) {
        complete(record, schema);
      }
    });
    components.addSchemas("Problem", problem());
    components.addSchemas("Message", message());
    components.addSchemas("MessageToRooms", messageToRooms());
    components.addSchemas("MessageBatch", batch(maxBatchMessages));
    components.addSchemas("Publication", publication());
    components.addSchemas("MessagePage", messagePage());
  }

  private static void complete(Class<? extends Record> record, Schema<?> schema) {
    schema.setRequired(
        Arrays.stream(record.getRecordComponents())
            .filter(component -> !component.getAnnotatedType().isAnnotationPresent(Nullable.class))
            .map(RecordComponent::getName)
            .toList());
    schema.getProperties().forEach(FieldDescriptions::describe);
  }

  /** RFC 9457. */
  private static Schema<?> problem() {
    Schema<?> problem = object("Why a request was refused (RFC 9457)", "title", "status");
    problem.addProperty("type", text("`about:blank`: status and `code` say all"));
    problem.addProperty("title", text("The status in words"));
    Schema<?> status = schema("integer", "The status");
    status.setMinimum(BigDecimal.valueOf(400));
    status.setMaximum(BigDecimal.valueOf(599));
    problem.addProperty("status", status);
    problem.addProperty("detail", text("For people"));
    problem.addProperty("code", text("Error code, see docs/PROTOCOL.md; not with every status"));
    problem.addProperty("path", text("JSON Pointer (RFC 6901) of the body's field at fault"));
    Schema<?> wait = schema("integer", "Milliseconds to wait before trying again; as Retry-After");
    wait.setMinimum(BigDecimal.ONE);
    problem.addProperty("retryAfterMs", wait);
    problem.addProperty("parameter", text("The parameter at fault: of path, query or header"));
    return problem;
  }

  private static Schema<?> message() {
    return withContent(object("A message. Other fields are ignored", "content"));
  }

  private static Schema<?> messageToRooms() {
    Schema<?> message = object("A message and the rooms that it is for", "rooms", "content");
    Schema<?> rooms = list("The rooms, each of them once", named("room"));
    rooms.setMinItems(1);
    rooms.setMaxItems(MessagesEndpoint.MAX_ROOMS);
    rooms.setUniqueItems(true);
    message.addProperty("rooms", rooms);
    return withContent(message);
  }

  private static Schema<?> batch(int maxMessages) {
    Schema<?> message = object("A message and the room that it is for", "room", "content");
    message.addProperty("room", named("room"));
    message.addProperty(
        "id",
        optional(
            "Unique per room and publisher, 1-64 UTF-16 units: the same message again within 5"
                + " minutes changes nothing and answers the first result"));
    Schema<?> messages = list("The messages", withContent(message));
    messages.setMinItems(1);
    messages.setMaxItems(maxMessages);
    Schema<?> batch = object("Many messages", "messages");
    batch.addProperty("messages", messages);
    return batch;
  }

  private static Schema<?> publication() {
    Schema<?> either = new JsonSchema();
    either.setDescription("Many messages, or one to many rooms");
    // A body with both fields is read as one with messages.
    either.setAnyOf(List.of(reference("MessageBatch"), reference("MessageToRooms")));
    return either;
  }

  private static Schema<?> reference(String schema) {
    return new JsonSchema().$ref("#/components/schemas/" + schema);
  }

  private static Schema<?> withContent(Schema<?> message) {
    Schema<?> content = new JsonSchema();
    content.setDescription("Any JSON value");
    message.addProperty("content", content);
    message.addProperty("name", optional("Event name, such as `order.created`; 1-64 UTF-16 units"));
    message.addProperty("key", optional("Conflation key; 1-64 UTF-16 units"));
    return message;
  }

  private static Schema<?> messagePage() {
    Schema<?> page =
        object(
            "A part of a room's history, ascending; it ends at 256 KiB",
            "room",
            "epoch",
            "messages",
            "more");
    page.addProperty("room", named("room"));
    page.addProperty("epoch", named("epoch"));
    page.addProperty(
        "messages",
        list("", object("A `message` frame, or a `deleted` one, as in docs/PROTOCOL.md")));
    page.addProperty(
        "more", schema("boolean", "Whether there are older ones; newer ones with `after`"));
    return page;
  }

  private static Schema<?> named(String name) {
    Schema<?> schema = text("");
    FieldDescriptions.describe(name, schema);
    return schema;
  }

  private static Schema<?> object(String description, String... required) {
    Schema<?> schema = schema("object", description);
    if (required.length > 0) {
      schema.setRequired(List.of(required));
    }
    return schema;
  }

  private static Schema<?> list(String description, Schema<?> items) {
    Schema<?> schema = schema("array", description);
    schema.setItems(items);
    return schema;
  }

  private static Schema<?> optional(String description) {
    Schema<?> schema = text(description);
    schema.setTypes(Set.of("string", "null"));
    schema.setMinLength(1);
    schema.setMaxLength(MAX_TEXT);
    return schema;
  }

  private static Schema<?> text(String description) {
    return schema("string", description);
  }

  private static Schema<?> schema(String type, String description) {
    Schema<?> schema = new JsonSchema();
    schema.setTypes(Set.of(type));
    schema.setDescription(description.isEmpty() ? null : description);
    return schema;
  }
}
