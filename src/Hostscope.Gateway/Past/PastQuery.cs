using System.Globalization;
using Hostscope.Bus;
using Hostscope.Gateway.Http;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Past;

/// <summary>
/// The parameters of a question about the past. Each is read, understood and checked; the first that is not allowed is
/// the <see cref="Problem"/>, and what is read after it means nothing.
/// </summary>
/// <param name="query">The query of the address.</param>
/// <param name="times">Understands times.</param>
internal sealed class PastQuery(IQueryCollection query, TimeText times)
{
    /// <summary>Most series of one question.</summary>
    public const int MaxSeries = 20;

    /// <summary>Most buckets of one answer.</summary>
    public const int MaxPoints = 2_000;

    /// <summary>Longest text that a message repeats.</summary>
    private const int MaxQuoted = 100;

    private readonly List<string> _known = [];

    /// <summary>What is not allowed; <c>null</c> while nothing is.</summary>
    public Problem? Problem { get; private set; }

    /// <summary>A range. It may lie anywhere; that it ends before it begins is the history's matter.</summary>
    public (long FromMs, long ToMs) Range(string defaultFrom) => (Time("from", defaultFrom), Time("to", "now"));

    /// <summary>A time; the default when it is not given.</summary>
    public long Time(string name, string? defaultText)
    {
        var text = One(name) ?? defaultText;
        if (text is null)
        {
            Refuse(name, $"{name} is missing; {TimeText.Allowed}.");
            return 0;
        }

        if (times.Parse(text) is { } time)
        {
            return time;
        }

        Refuse(name, $"{name}: '{Quoted(text)}' is not a time; {TimeText.Allowed}.");
        return 0;
    }

    /// <summary>A whole number; the default when it is not given.</summary>
    public long Number(string name, long defaultValue, long least, long most)
    {
        if (One(name) is not { } text)
        {
            return defaultValue;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most)
        {
            return number;
        }

        Refuse(name, $"{name}: '{Quoted(text)}' is not allowed; give a whole number, {least} to {most}.");
        return defaultValue;
    }

    /// <summary>Keys of series, in the order given; a key that is given twice counts once.</summary>
    public IReadOnlyList<string> Series(bool isNeeded)
    {
        var keys = All("series").Distinct(StringComparer.Ordinal).ToList();
        if (keys.Count > MaxSeries || (isNeeded && keys.Count == 0))
        {
            Refuse(
                "series",
                $"{keys.Count} series; give 1 to {MaxSeries}, as series=KEY&series=KEY. "
                + "/api/v1/hosts/{host}/series lists them.");
        }

        if (keys.Find(key => !LooksLikeKey(key)) is { } odd)
        {
            Refuse(
                "series",
                $"series: '{Quoted(odd)}' is not the key of a series; they look like "
                + "system.cpu.time{cpu.mode=\"user\"}, percent-encoded. /api/v1/hosts/{host}/series lists them.");
        }

        return keys;
    }

    /// <summary>One of some words; <c>null</c> when it is not given and need not be.</summary>
    public string? Word(string name, IReadOnlyCollection<string> allowed, bool isNeeded)
    {
        var text = One(name);
        if (text is null ? isNeeded : !allowed.Contains(text))
        {
            Refuse(
                name,
                text is null
                    ? $"{name} is missing; give one of {string.Join(", ", allowed)}."
                    : $"{name}: '{Quoted(text)}' is not allowed; give one of {string.Join(", ", allowed)}.",
                [.. allowed]);
        }

        return text;
    }

    /// <summary>Kinds of events; none for all.</summary>
    public IReadOnlyList<HistoryEventKind> Kinds()
    {
        var kinds = new List<HistoryEventKind>();
        foreach (var name in All("kind"))
        {
            if (!PastEvent.Kinds.TryGetValue(name, out var kind))
            {
                Refuse(
                    "kind",
                    $"kind: '{Quoted(name)}' is not a kind of event; there are "
                    + $"{string.Join(", ", PastEvent.Kinds.Keys)}.",
                    [.. PastEvent.Kinds.Keys]);
                break;
            }

            kinds.Add(kind);
        }

        return kinds;
    }

    /// <summary>A text that has to be there.</summary>
    public string Text(string name) => One(name) ?? "";

    /// <summary>A time that may be left out.</summary>
    public long? TimeOrNone(string name)
    {
        Know(name);
        return query.ContainsKey(name) ? Time(name, null) : null;
    }

    /// <summary>
    /// Refuses what was not asked for by now: a slip of the fingers must not silently be a default. Call it last.
    /// </summary>
    public void RefuseOthers()
    {
        if (query.Keys.FirstOrDefault(key => !_known.Contains(key)) is { } odd)
        {
            Refuse(
                Quoted(odd),
                $"There is no parameter '{Quoted(odd)}' here; there are {string.Join(", ", _known)}.",
                _known);
        }
    }

    private static string Quoted(string text) => text.Length <= MaxQuoted ? text : text[..MaxQuoted] + "...";

    /// <summary>A name, alone or with labels; whether there is such a series is the history's matter.</summary>
    private static bool LooksLikeKey(string key)
    {
        var name = key.IndexOf('{', StringComparison.Ordinal) is >= 0 and var brace
            ? key.EndsWith('}') ? key[..brace] : "" : key;
        return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_');
    }

    /// <summary>Notes that there is such a parameter; a message names it once, however often it was read.</summary>
    private void Know(string name)
    {
        if (!_known.Contains(name))
        {
            _known.Add(name);
        }
    }

    private string? One(string name)
    {
        Know(name);
        if (query[name] is not { Count: > 0 } values)
        {
            return null;
        }

        if (values.Count > 1)
        {
            Refuse(name, $"{name} is given {values.Count} times; give it once.");
        }

        return values[0];
    }

    private IEnumerable<string> All(string name)
    {
        Know(name);
        return query[name].Where(value => !string.IsNullOrEmpty(value))!;
    }

    private void Refuse(string name, string detail, IReadOnlyList<string>? allowed = null) =>
        Problem ??= Problem.Of(StatusCodes.Status400BadRequest, detail) with { Parameter = name, Allowed = allowed };
}
