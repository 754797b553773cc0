package dev.parley.security;

import dev.parley.access.AccessProperties;
import dev.parley.access.KeyedRateLimit;
import dev.parley.access.LimitsProperties;
import dev.parley.access.OriginPattern;
import dev.parley.access.token.Identities;
import dev.parley.access.token.Tokens;
import jakarta.servlet.DispatcherType;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jetty.ConfigurableJettyWebServerFactory;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.header.HeaderWriterFilter;

/**
 * The security filter chains, which every request passes before anything else. Stateless, and
 * without CSRF tokens since no cookie identifies a user. On the users' chain the order is: count,
 * origin (CORS, so that even a refusal can be read), rate of the address, token, rate of requests,
 * requests in progress, and then {@link HandshakeAdmission} or the REST endpoints. Everything that
 * no rule here allows is denied.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
  private static final String[] API_DOCUMENT = {
    "/v3/api-docs", "/v3/api-docs/**", "/v3/api-docs.yaml"
  };

  /** Pages that may read tokens of profile dev: a sandboxed frame of any site's is "null". */
  private static final List<OriginPattern> LOCAL_ORIGINS =
      Stream.of("localhost", "127.0.0.1", "[::1]")
          .flatMap(host -> Stream.of("http://" + host + ":*", "https://" + host + ":*"))
          .map(OriginPattern::valueOf)
          .toList();

  /** Browsers do not encode a {@code |}, which names of rooms and users may have. */
  private static final UriCompliance URIS =
      UriCompliance.DEFAULT.with("PARLEY", UriCompliance.Violation.ILLEGAL_PATH_CHARACTERS);

  @Bean
  @Order(1)
  SecurityFilterChain users(
      HttpSecurity http,
      AccessProperties access,
      Cors cors,
      LimitsProperties limits,
      Tokens tokens,
      Identities identities,
      HttpProperties requests,
      AccessMetrics metrics,
      HttpMetrics httpMetrics,
      RequestRates rates,
      Environment environment) {
    UnauthorizedEntryPoint unauthorized = new UnauthorizedEntryPoint();
    UnknownPath unknown = new UnknownPath(isDev(environment));
    return bare(http, unauthorized, unknown)
        .securityMatchers(matchers ->
            matchers
                .requestMatchers(Handshakes.MATCHER)
                .requestMatchers("/api/**")
                .requestMatchers(API_DOCUMENT))
        .authorizeHttpRequests(rules -> {
          // An answer on its way out was let in before; its token is gone by now.
          rules.dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR).permitAll();
          RestAccess.apply(rules);
          rules.requestMatchers(API_DOCUMENT).access(new ApiReaders(isDev(environment)));
          rules.anyRequest().authenticated();
        })
        .exceptionHandling(
            handling -> handling.accessDeniedHandler(new RestDenied(unauthorized, unknown)))
        .addFilterAfter(new HandshakeCountFilter(metrics), HeaderWriterFilter.class)
        .addFilterAfter(new OriginFilter(cors), HandshakeCountFilter.class)
        .addFilterAfter(
            new HandshakeLimitFilter(KeyedRateLimit.handshakes(limits)), OriginFilter.class)
        .addFilterAfter(
            new TokenFilter(
                tokens,
                identities,
                access.anonymous(),
                unauthorized,
                KeyedRateLimit.badTokens(limits)),
            HandshakeLimitFilter.class)
        .addFilterAfter(new RequestRateFilter(rates), TokenFilter.class)
        .addFilterAfter(
            new RequestCountFilter(
                limits.enabled() ? requests.requestsPerUser() : Integer.MAX_VALUE, httpMetrics),
            RequestRateFilter.class)
        .build();
  }

  @Bean
  RequestRates requestRates(LimitsProperties limits, HttpMetrics metrics) {
    return new RequestRates(limits, metrics);
  }

  /** Tokens for pages that are developed on this machine, and served by another port of it. */
  @Bean
  @Order(2)
  @Profile("dev")
  SecurityFilterChain tokensForPages(HttpSecurity http) {
    return bare(http, new UnauthorizedEntryPoint(), new UnknownPath(true))
        .securityMatcher("/dev/**")
        .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
        .addFilterAfter(new OriginFilter(new Cors(LOCAL_ORIGINS)), HeaderWriterFilter.class)
        .build();
  }

  /** Operators' endpoints where Boot serves them, the root, and under dev the pages there. */
  @Bean
  @Order(3)
  SecurityFilterChain others(HttpSecurity http, Environment environment) {
    boolean dev = isDev(environment);
    return bare(http, new UnauthorizedEntryPoint(), new UnknownPath(dev))
        .authorizeHttpRequests(requests -> {
          requests
              .dispatcherTypeMatchers(
                  DispatcherType.ASYNC, DispatcherType.ERROR, DispatcherType.FORWARD)
              .permitAll()
              .requestMatchers(EndpointRequest.to("health", "info", "prometheus"))
              .permitAll()
              .requestMatchers("/")
              .permitAll()
              .requestMatchers("/client/**")
              .permitAll();
          if (dev) {
            requests.requestMatchers("/*.*", "/swagger-ui.html", "/swagger-ui/**").permitAll();
          }
          requests.anyRequest().denyAll();
        })
        .build();
  }

  /** Any method goes through: a wrong one is told by its endpoint which ones are right. */
  @Bean
  HttpFirewall firewall() {
    StrictHttpFirewall firewall = new StrictHttpFirewall();
    firewall.setUnsafeAllowAnyHttpMethod(true);
    return firewall;
  }

  /** The reason of the firewall may quote a header, and with it a token. */
  @Bean
  RequestRejectedHandler firewallRefusal(Cors cors) {
    Problem problem =
        new Problem(
            HttpStatus.BAD_REQUEST,
            "The path or a header holds characters that are not accepted there");
    return (request, response, rejected) -> {
      if (cors.allows(request)) {
        cors.expose(request, response);
      }
      problem.writeTo(response);
    };
  }

  @Bean
  Cors cors(AccessProperties access) {
    return new Cors(access.allowedOrigins());
  }

  /** Before everything else, and on the users' port alone. */
  @Bean
  @Conditional(OnHosts.class)
  FilterRegistrationBean<HostFilter> hostFilter(AccessProperties access) {
    FilterRegistrationBean<HostFilter> registration =
        new FilterRegistrationBean<>(new HostFilter(access.hosts()));
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return registration;
  }

  @Bean
  FilterRegistrationBean<TokenStrippingFilter> tokenShield() {
    FilterRegistrationBean<TokenStrippingFilter> registration =
        new FilterRegistrationBean<>(new TokenStrippingFilter());
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
    registration.setDispatcherTypes(
        DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR);
    return registration;
  }

  /** A span and a timer for each filter of each handshake would cost more than the filters do. */
  @Bean
  SecurityObservationSettings securityObservations() {
    return SecurityObservationSettings.noObservations();
  }

  @Bean
  WebServerFactoryCustomizer<ConfigurableJettyWebServerFactory> jettyProblems(
      Cors cors, HttpMetrics metrics) {
    return factory ->
        factory.addServerCustomizers(
            server -> server.setErrorHandler(new JettyProblems(cors, metrics)));
  }

  /**
   * How heads are read. {@link RequestHeaders} comes before the customizer of {@code
   * server.forward-headers-strategy}, which Boot adds last.
   */
  @Bean
  WebServerFactoryCustomizer<ConfigurableJettyWebServerFactory> requestHeads() {
    return factory ->
        factory.addServerCustomizers(server -> {
          for (Connector connector : server.getConnectors()) {
            for (ConnectionFactory protocol : connector.getConnectionFactories()) {
              if (protocol instanceof HttpConfiguration.ConnectionFactory http) {
                HttpConfiguration configuration = http.getHttpConfiguration();
                configuration.addCustomizer(new RequestHeaders());
                configuration.setUriCompliance(URIS);
              }
            }
          }
        });
  }

  /** The names that the service goes by are configured, or it is dev. */
  static final class OnHosts implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return isDev(context.getEnvironment())
          || Binder.get(context.getEnvironment())
              .bind("parley.access.hosts", Bindable.listOf(String.class))
              .map(hosts -> !hosts.isEmpty())
              .orElse(false);
    }
  }

  private static boolean isDev(Environment environment) {
    return environment.acceptsProfiles(Profiles.of("dev"));
  }

  private static HttpSecurity bare(
      HttpSecurity http, UnauthorizedEntryPoint unauthorized, UnknownPath unknown) {
    return http.csrf(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .anonymous(AbstractHttpConfigurer::disable)
        .sessionManagement(
            sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .exceptionHandling(handling ->
            handling.authenticationEntryPoint(unauthorized).accessDeniedHandler(unknown))
        .addFilterAfter(new TraceFilter(), AuthorizationFilter.class);
  }
}
