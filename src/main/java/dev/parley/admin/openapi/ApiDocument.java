package dev.parley.admin.openapi;

import dev.parley.access.Scope;
import dev.parley.admin.cluster.LocalInstance;
import dev.parley.http.MessageRequests;
import dev.parley.protocol.ClientFrame;
import dev.parley.security.RestAccess;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;

/**
 * Completes what springdoc finds by itself: who may make a request, how each can fail, and what the
 * names in it mean. All of it from where the code itself takes it, so that it cannot say otherwise.
 */
@Component
class ApiDocument implements GlobalOpenApiCustomizer {
  private static final String TOKEN = "token";
  private static final String PROBLEM_JSON = "application/problem+json";
  private static final String JSON = "application/json";

  private final LocalInstance self;
  private final int maxBatchMessages;

  ApiDocument(LocalInstance self, MessageRequests messages) {
    this.self = self;
    this.maxBatchMessages = messages.maxBatchMessages();
  }

  @Override
  public void customise(OpenAPI document) {
    document
        .info(
            new Info()
                .title("Parley")
                .version(self.version())
                .description(ApiTexts.of("document.description"))
                .license(new License().name("Apache-2.0").identifier("Apache-2.0")))
        .servers(List.of(new Server().url("/")));
    document
        .getComponents()
        .addSecuritySchemes(
            TOKEN,
            new SecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .bearerFormat("JWT")
                .description(ApiTexts.of("document.token")));
    ApiSchemas.addTo(document.getComponents(), maxBatchMessages);
    document
        .getPaths()
        .forEach((path, item) ->
            item.readOperationsMap().forEach((method, each) -> complete(path, method, each)));
  }

  private static void complete(String path, PathItem.HttpMethod method, Operation operation) {
    allow(path, method, operation);
    if (operation.getParameters() != null) {
      operation.getParameters().forEach(ApiDocument::describe);
    }
    if (path.equals("/api/v1/rooms/{room}/messages") && method == PathItem.HttpMethod.GET) {
      operation.getParameters().stream()
          .filter(parameter -> parameter.getName().equals("limit"))
          .forEach(limit -> limit.getSchema().setDefault(ClientFrame.History.DEFAULT_LIMIT));
    }
    if (path.equals("/api/v1/unread")) {
      Parameter rooms = operation.getParameters().getFirst();
      rooms.required(true).setSchema(ApiSchemas.roomList());
    }
    if (method == PathItem.HttpMethod.POST && path.endsWith("/messages")) {
      String schema = path.equals(MessageRequests.BATCH_PATH) ? "Publication" : "Message";
      operation.setRequestBody(new RequestBody().required(true).content(content(JSON, schema)));
      fail(operation, "body");
      if (schema.equals("Message")) {
        fail(operation, "publish");
      }
    }
    fail(operation, "every");
    ApiResponses inOrder = new ApiResponses();
    new TreeMap<>(operation.getResponses()).forEach(inOrder::addApiResponse);
    operation.setResponses(inOrder);
    inOrder.forEach((status, response) -> {
      // Those below are answers, which springdoc knows from what the method returns.
      if (status.charAt(0) >= '4') {
        response.setContent(content(PROBLEM_JSON, "Problem"));
      }
    });
  }

  private static void allow(String path, PathItem.HttpMethod method, Operation operation) {
    RestAccess.Rule rule = RestAccess.rule(HttpMethod.valueOf(method.name()), path);
    List<String> scopes = new ArrayList<>();
    if (rule == null || !rule.users()) {
      Scope scope = rule == null ? null : rule.scope();
      scopes.add((scope == null ? Scope.ADMIN : scope).value());
    }
    operation.setSecurity(List.of(new SecurityRequirement().addList(TOKEN, scopes)));
    String needs =
        scopes.isEmpty()
            ? "Needs a token with the room's permission, or the scope for all rooms."
            : "Needs scope `" + scopes.getFirst() + "`.";
    String description = operation.getDescription();
    operation.setDescription(description == null ? needs : description + "\n\n" + needs);
  }

  private static void describe(Parameter parameter) {
    Schema<?> schema = new JsonSchema();
    schema.setTypes(Set.of("string"));
    FieldDescriptions.describe(parameter.getName(), schema);
    if (parameter.getName().equals("offset")) {
      schema.setMinimum(BigDecimal.ONE);
    }
    parameter.setDescription(schema.getDescription());
    schema.setDescription(null);
    parameter.setSchema(schema);
  }

  private static void fail(Operation operation, String failures) {
    ApiTexts.under("failures." + failures)
        .forEach((status, description) ->
            operation
                .getResponses()
                .computeIfAbsent(status, _ -> new ApiResponse().description(description)));
  }

  private static Content content(String type, String schema) {
    return new Content()
        .addMediaType(
            type, new MediaType().schema(new Schema<>().$ref("#/components/schemas/" + schema)));
  }
}
