using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Api;
using Hostscope.Gateway.Http;
using Hostscope.Gateway.Past;
using Hostscope.Model;

namespace Hostscope.Gateway;

/// <summary>JSON of every type that leaves or enters here, written by code generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HostInfo))]
[JsonSerializable(typeof(IReadOnlyList<Capability>))]
[JsonSerializable(typeof(HostList))]
[JsonSerializable(typeof(HostDetails))]
[JsonSerializable(typeof(GatewayStatus))]
[JsonSerializable(typeof(AuthInfo))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(RecorderState))]
[JsonSerializable(typeof(PastEvent))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(ProcessFinds))]
[JsonSerializable(typeof(SeriesList))]
[JsonSerializable(typeof(MarkRequest))]
[JsonSerializable(typeof(MarkAnswer))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(string))]
internal sealed partial class GatewayJson : JsonSerializerContext
{
    /// <summary>
    /// For texts that people read in a terminal: quotes are not written as <c>\u0027</c>. Only for answers that no
    /// browser takes for HTML: theirs is a JSON media type, with nosniff.
    /// </summary>
    public static readonly GatewayJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
