using System.Text;
using System.Text.Json;

namespace Hostscope.Options;

/// <summary>
/// Reads hostscope.json: one flat object with the keys of <see cref="Settings"/>, comments and trailing commas allowed.
/// </summary>
/// <example>
/// <code>
/// {
///   // every half second, for this machine only
///   "interval": "500ms",
///   "listen": ["http://127.0.0.1:4678", "http://[::1]:4678"],
/// }
/// </code>
/// </example>
internal static class ConfigFile
{
    /// <summary>A hundred times what a file with every key needs; more is not a configuration.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="StartRefusedException">It cannot be read, or something in it is not allowed.</exception>
    public static Dictionary<Setting, Given> Read(string path)
    {
        byte[] bytes;
        try
        {
            using var file = File.OpenRead(path);
            bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            bytes = bytes[..length];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refuse(path, $"cannot be read: {exception.Message}");
        }

        return bytes.Length <= MaxBytes
            ? Parse(path, bytes)
            : throw Refuse(path, $"is longer than {MaxBytes} bytes; that is not a file of settings");
    }

    /// <summary>Reads the content of a file; the path is for messages.</summary>
    public static Dictionary<Setting, Given> Parse(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        }

        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        });
        try
        {
            return ReadObject(path, bytes, ref reader);
        }
        catch (JsonException exception)
        {
            // The reader counts from 0, people from 1; its own words end with those numbers and are cut there.
            var reason = exception.Message.Split(" LineNumber:", 2)[0].TrimEnd('.', ' ');
            throw Refuse(
                path,
                $"line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}: not JSON: {reason}");
        }
        catch (InvalidOperationException)
        {
            // What the reader throws for a string that is no UTF-8 text or has half a surrogate pair.
            throw Refuse(path, $"line {LineOf(bytes, reader.TokenStartIndex)}: a string is not valid Unicode");
        }
    }

    private static Dictionary<Setting, Given> ReadObject(
        string path, ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader)
    {
        var settings = new Dictionary<Setting, Given>();
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw Refuse(path, "line 1: one object with settings is expected, such as { \"interval\": \"1s\" }");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            var where = $"{path}: line {LineOf(bytes, reader.TokenStartIndex)}";
            var setting = Settings.All.FirstOrDefault(setting => setting.InFile && setting.Key == key)
                ?? throw Unknown(where, key);
            reader.Read();
            var given = new Given(ReadValues(where, setting, ref reader), $"{where}: {key}", ExitCode.Configuration);
            if (!settings.TryAdd(setting, given))
            {
                throw new StartRefusedException(ExitCode.Configuration, $"{where}: {key}: given twice in the file");
            }
        }

        // Whatever follows the object is an error, and only this read finds it.
        reader.Read();
        return settings;
    }

    private static List<string> ReadValues(string where, Setting setting, ref Utf8JsonReader reader)
    {
        var values = new List<string>();
        if (reader.TokenType == JsonTokenType.StartArray && setting.Shape == SettingShape.Many)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                values.Add(ReadValue(where, setting, ref reader));
            }
        }
        else
        {
            values.Add(ReadValue(where, setting, ref reader));
        }

        return values.Count > 0
            ? values
            : throw new StartRefusedException(
                ExitCode.Configuration, $"{where}: {setting.Key}: the list is empty; give one value at least");
    }

    private static string ReadValue(string where, Setting setting, ref Utf8JsonReader reader) =>
        reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            _ => throw new StartRefusedException(
                ExitCode.Configuration,
                $"{where}: {setting.Key}: {Describe(setting.Shape)} is expected"),
        };

    private static string Describe(SettingShape shape) => shape switch
    {
        SettingShape.Flag => "true or false",
        SettingShape.Many => "a string, or a list of strings,",
        _ => "a string or a number",
    };

    private static StartRefusedException Unknown(string where, string key)
    {
        var known = Settings.All.Where(setting => setting.InFile).ToList();
        var keys = known.Where(setting => !setting.IsRare).Select(setting => setting.Key);
        var hint = Settings.DidYouMean(key, known.Select(setting => setting.Key));
        return new StartRefusedException(
            ExitCode.Configuration,
            $"{where}: '{key}' is not a setting{(hint.Length > 0 ? hint : ".")} Allowed: {string.Join(", ", keys)}, "
            + "and the limits of docs/LIMITS.md");
    }

    private static long LineOf(ReadOnlySpan<byte> bytes, long offset) => bytes[..(int)offset].Count((byte)'\n') + 1;

    private static StartRefusedException Refuse(string path, string what) =>
        new(ExitCode.Configuration, $"{path}: {what}");
}
