using Hostscope.Access;
using Hostscope.Bus;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Http;
using Hostscope.Gateway.Live;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;

namespace Hostscope.Gateway.Past;

/// <summary>The routes to the past.</summary>
internal static class PastRoutes
{
    private const string Times =
        "Times are RFC 3339, a date, a time of day, Unix seconds or milliseconds, `now` or `-15m`.";

    private static readonly (string Name, string Help)[] Range =
    [
        ("from", "First time, inclusive."), ("to", "Last time, exclusive; `now` when not given."),
    ];

    /// <summary>Registers what the routes need; a program without a recorder has no past.</summary>
    public static void AddPast(this IServiceCollection services)
    {
        services.AddSingleton<NoPast>();
        services.TryAddSingleton<IHistories>(provider => provider.GetRequiredService<NoPast>());
        services.TryAddSingleton<IMarks>(provider => provider.GetRequiredService<NoPast>());
        services.TryAddSingleton<IEventFeed>(provider => provider.GetRequiredService<NoPast>());
        services.AddSingleton<RecorderBoard>();
        services.AddSingleton<RecorderWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<RecorderWatch>());
        services.AddSingleton<QuestionDesk>();
        services.AddSingleton<PastApi>();
        services.AddSingleton<MarksApi>();
    }

    /// <summary>Adds the routes.</summary>
    public static void MapPast(this IEndpointRouteBuilder routes)
    {
        const string Host = "/api/v1/hosts/{host}";
        Describe(
            routes.MapGet(
                Host + "/history", (string host, HttpContext http, PastApi api) => api.HistoryAsync(host, http)),
            "getHistory", "Series over time: smallest, average, largest value and count of each bucket",
            [("series", "Key of a series; up to 20 times."), .. Range, ("points", "Most buckets, 2 to 2000.")]);
        Describe(
            routes.MapGet(
                Host + "/moment", (string host, HttpContext http, PastApi api) => api.MomentAsync(host, http)),
            "getMoment", "One whole second: every series, the process table, the cgroup table",
            [("at", "The time; the newest second at or before it is given.")]);
        Describe(
            routes.MapGet(
                Host + "/overview", (string host, HttpContext http, PastApi api) => api.OverviewAsync(host, http)),
            "getOverview", "What a strip of a long range shows: CPU, stalls, gaps, events",
            [.. Range, ("points", "Most buckets, 2 to 2000.")]);
        Describe(
            routes.MapGet(
                Host + "/events", (string host, HttpContext http, PastApi api) => api.EventsAsync(host, http)),
            "getEvents", "What happened in a range",
            [
                .. Range, ("kind", "Only this kind; several times for several."),
                ("after", "Only events after this id."), ("limit", "Most events, 1 to 1000."),
            ]);
        Describe(
            routes.MapGet(
                Host + "/processes", (string host, HttpContext http, PastApi api) => api.ProcessesAsync(host, http)),
            "findProcesses", "Processes of the past by a part of their name or arguments",
            [("text", "Part of the name or the arguments."), .. Range, ("limit", "Most processes, 1 to 1000.")]);
        Describe(
            routes.MapGet(
                Host + "/series", (string host, HttpContext http, PastApi api) => api.SeriesAsync(host, http)),
            "listSeries", "The series that have data in a range", Range);
        Describe(
            routes.MapGet(
                Host + "/export", (string host, HttpContext http, PastApi api) => api.ExportAsync(host, http)),
            "exportRange", "A range as a file",
            [.. Range, ("format", "csv, jsonl or hscope."), ("series", "Key of a series, for csv and jsonl.")]);
        routes.MapPost(Host + "/marks", (string host, HttpContext http, MarksApi api) => api.MarkAsync(host, http))
            .Needs(Need.Marks).WithName("postMark").WithTags("past").WithSummary("Keep a note at the present time")
            .Accepts<MarkRequest>("application/json")
            .Produces<MarkAnswer>(StatusCodes.Status202Accepted)
            .Produces<Problem>(StatusCodes.Status400BadRequest, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status404NotFound, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status409Conflict, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status415UnsupportedMediaType, Problem.MediaType);
    }

    private static void Describe(
        RouteHandlerBuilder route, string name, string summary, (string Name, string Help)[] parameters)
    {
        route.Needs(Need.History).WithName(name).WithTags("past").WithSummary(summary)
            .WithDescription($"{Times} The answer is described in docs/WIRE.md.")
            .Produces(StatusCodes.Status200OK, contentType: "application/json")
            .Produces<Problem>(StatusCodes.Status400BadRequest, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status404NotFound, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status429TooManyRequests, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status503ServiceUnavailable, Problem.MediaType)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.Parameters ??= [];
                foreach (var (parameter, help) in parameters)
                {
                    operation.Parameters.Add(new OpenApiParameter
                    {
                        Name = parameter,
                        In = ParameterLocation.Query,
                        Description = help,
                        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                    });
                }

                return Task.CompletedTask;
            });
    }
}
