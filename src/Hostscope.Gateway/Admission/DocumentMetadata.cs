namespace Hostscope.Gateway.Admission;

/// <summary>Marks a route that a person opens in a browser: without a login it leads to the login page.</summary>
internal sealed record DocumentMetadata;
