using Microsoft.AspNetCore.OpenApi;

namespace Hostscope.Gateway.Api;

/// <summary>What <c>/openapi/v1.json</c> says besides the routes.</summary>
internal static class ApiDescription
{
    public static void Configure(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info.Title = "Hostscope";
        document.Info.Version = GatewayVersion.Text;
        document.Info.Description =
            "One machine or a fleet, second by second. JSON in camelCase; times are Unix milliseconds; what is not " +
            "known is null, never 0; errors are problem details (RFC 9457).";

        // Addresses differ with the name one comes by; relative ones fit all.
        document.Servers?.Clear();
        return Task.CompletedTask;
    });
}
