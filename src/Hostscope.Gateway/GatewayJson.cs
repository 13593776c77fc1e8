using System.Text.Json.Serialization;
using Hostscope.Gateway.Api;
using Hostscope.Gateway.Http;
using Hostscope.Model;

namespace Hostscope.Gateway;

/// <summary>JSON of every type that leaves or enters here, written by code generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HostInfo))]
[JsonSerializable(typeof(IReadOnlyList<Capability>))]
[JsonSerializable(typeof(HostList))]
[JsonSerializable(typeof(HostDetails))]
[JsonSerializable(typeof(GatewayStatus))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(string))]
internal sealed partial class GatewayJson : JsonSerializerContext;
