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
import dev.parley.protocol.ClientFrame;
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
 * The document's schemas: of the records that are returned, and of the bodies that are read and
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
    components.addSchemas("ReadMarkPage", readMarkPage());
    components.addSchemas("UnreadCounts", unreadCounts());
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
    Schema<?> problem = object("Problem", "title", "status");
    problem.addProperty("type", text("Problem.type"));
    problem.addProperty("title", text("Problem.title"));
    Schema<?> status = schema("integer", "Problem.status");
    status.setMinimum(BigDecimal.valueOf(400));
    status.setMaximum(BigDecimal.valueOf(599));
    problem.addProperty("status", status);
    problem.addProperty("detail", text("Problem.detail"));
    problem.addProperty("code", text("Problem.code"));
    problem.addProperty("path", text("Problem.path"));
    Schema<?> wait = schema("integer", "Problem.retryAfterMs");
    wait.setMinimum(BigDecimal.ONE);
    problem.addProperty("retryAfterMs", wait);
    problem.addProperty("parameter", text("Problem.parameter"));
    return problem;
  }

  private static Schema<?> message() {
    return withContent(object("Message", "content"));
  }

  private static Schema<?> messageToRooms() {
    Schema<?> message = object("MessageToRooms", "rooms", "content");
    Schema<?> rooms = described("MessageToRooms.rooms", list(named("room")));
    rooms.setMinItems(1);
    rooms.setMaxItems(MessagesEndpoint.MAX_ROOMS);
    rooms.setUniqueItems(true);
    message.addProperty("rooms", rooms);
    return withContent(message);
  }

  private static Schema<?> batch(int maxMessages) {
    Schema<?> message = object("MessageToRoom", "room", "content");
    message.addProperty("room", named("room"));
    message.addProperty("id", optional("Message.id"));
    Schema<?> messages = described("MessageBatch.messages", list(withContent(message)));
    messages.setMinItems(1);
    messages.setMaxItems(maxMessages);
    Schema<?> batch = object("MessageBatch", "messages");
    batch.addProperty("messages", messages);
    return batch;
  }

  private static Schema<?> publication() {
    Schema<?> either = described("Publication.summary", new JsonSchema());
    // A body with both fields is read as one with messages.
    either.setAnyOf(List.of(reference("MessageBatch"), reference("MessageToRooms")));
    return either;
  }

  private static Schema<?> reference(String schema) {
    return new JsonSchema().$ref("#/components/schemas/" + schema);
  }

  private static Schema<?> withContent(Schema<?> message) {
    message.addProperty("content", described("Message.content", new JsonSchema()));
    message.addProperty("name", optional("Message.name"));
    message.addProperty("key", optional("Message.key"));
    return message;
  }

  private static Schema<?> messagePage() {
    Schema<?> page = object("MessagePage", "room", "epoch", "messages", "more");
    page.addProperty("room", named("room"));
    page.addProperty("epoch", named("epoch"));
    page.addProperty("messages", list(schema("object", "MessagePage.message")));
    page.addProperty("more", schema("boolean", "MessagePage.more"));
    return page;
  }

  private static Schema<?> readMarkPage() {
    Schema<?> page = object("ReadMarkPage", "room", "reads");
    page.addProperty("room", named("room"));
    page.addProperty("epoch", named("epoch"));
    Schema<?> reads = schema("object", "ReadMarkPage.reads");
    reads.setAdditionalProperties(number("ReadMarkPage.mark"));
    page.addProperty("reads", reads);
    page.addProperty("next", named("next"));
    return page;
  }

  private static Schema<?> unreadCounts() {
    Schema<?> room = object("UnreadCount", "room");
    room.addProperty("room", named("room"));
    room.addProperty("epoch", named("epoch"));
    room.addProperty("offset", number("UnreadCount.offset"));
    room.addProperty("read", number("UnreadCount.read"));
    room.addProperty("unread", number("UnreadCount.unread"));
    room.addProperty("code", named("code"));
    room.addProperty("error", named("error"));
    Schema<?> counts = object("UnreadCounts", "rooms");
    counts.addProperty("rooms", described("UnreadCounts.rooms", list(room)));
    return counts;
  }

  /** The parameter of which there may be many. */
  static Schema<?> roomList() {
    Schema<?> rooms = list(named("room"));
    rooms.setMinItems(1);
    rooms.setMaxItems(ClientFrame.Unread.MAX_ROOMS);
    rooms.setUniqueItems(true);
    return rooms;
  }

  private static Schema<?> number(String text) {
    Schema<?> schema = schema("integer", text);
    schema.setFormat("int64");
    schema.setMinimum(BigDecimal.ZERO);
    return schema;
  }

  private static Schema<?> named(String name) {
    Schema<?> schema = ofType("string");
    FieldDescriptions.describe(name, schema);
    return schema;
  }

  private static Schema<?> object(String name, String... required) {
    Schema<?> schema = schema("object", name + ".summary");
    schema.setRequired(List.of(required));
    return schema;
  }

  private static Schema<?> list(Schema<?> items) {
    Schema<?> schema = ofType("array");
    schema.setItems(items);
    return schema;
  }

  private static Schema<?> optional(String text) {
    Schema<?> schema = text(text);
    schema.setTypes(Set.of("string", "null"));
    schema.setMinLength(1);
    schema.setMaxLength(MAX_TEXT);
    return schema;
  }

  private static Schema<?> text(String text) {
    return schema("string", text);
  }

  private static Schema<?> schema(String type, String text) {
    return described(text, ofType(type));
  }

  /**
   * @param text its key below {@code schemas} in {@code texts.yml}
   */
  private static Schema<?> described(String text, Schema<?> schema) {
    schema.setDescription(ApiTexts.of("schemas." + text));
    return schema;
  }

  private static Schema<?> ofType(String type) {
    Schema<?> schema = new JsonSchema();
    schema.setTypes(Set.of(type));
    return schema;
  }
}
