namespace Hostscope.Gateway.Page;

/// <summary>Media types of what a page is made of.</summary>
internal static class MediaTypes
{
    /// <summary>The type of a file by the end of its name; bytes without meaning when it is not known.</summary>
    public static string Of(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".json" => "application/json",
        ".webmanifest" => "application/manifest+json",
        ".map" => "application/json",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
}
