using System.Buffers;
using System.Globalization;
using System.Text;

namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// Writes the Prometheus text exposition format, version 0.0.4, into a pooled buffer.
/// </summary>
/// <remarks>
/// Prometheus, "Exposition formats", text-based format. UTF-8, lines end with a newline, the last one too. In a help
/// text backslash and newline are escaped, in a label value the quote as well:
/// <code>
/// # HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
/// # TYPE node_cpu_seconds_total counter
/// node_cpu_seconds_total{cpu="0",mode="idle"} 1424.21
/// node_load1 0.11
/// </code>
/// Not thread-safe.
/// </remarks>
internal sealed class TextFormat : IDisposable
{
    /// <summary>Content type of what is written.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>
    /// Most bytes of one answer. 20,000 series, the most a host may have, are 2 MB; only device names and mount points
    /// of kilobytes come near it. Past it samples are left out and <see cref="Omitted"/> counts them.
    /// </summary>
    public const int MaxBytes = 8 << 20;

    private byte[] _buffer;
    private int _length;

    public TextFormat(int expectedBytes = 64 << 10) => _buffer = ArrayPool<byte>.Shared.Rent(expectedBytes);

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Samples that were left out because <see cref="MaxBytes"/> was reached.</summary>
    public int Omitted { get; private set; }

    /// <summary>
    /// Whether a text can be the name of a metric: letters, digits, <c>_</c> and <c>:</c>, no digit first.
    /// </summary>
    public static bool IsMetricName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':');

    /// <summary>Whether a text can be the name of a label: as a metric's name, without the colon.</summary>
    public static bool IsLabelName(string name) => IsMetricName(name) && !name.Contains(':', StringComparison.Ordinal);

    /// <summary>Writes the two lines above the samples of a family.</summary>
    public void Header(Family family)
    {
        Append("# HELP "u8);
        Append(family.Name);
        Append(" "u8);
        Append(EscapeHelp(family.Help));
        Append("\n# TYPE "u8);
        Append(family.Name);
        Append(family.Type switch
        {
            FamilyType.Counter => " counter\n"u8,
            FamilyType.Untyped => " untyped\n"u8,
            _ => " gauge\n"u8,
        });
    }

    /// <summary>
    /// Writes a sample. <paramref name="series"/> is the name with its labels, as <see cref="SeriesText"/> gives it.
    /// </summary>
    /// <param name="series">Name and labels.</param>
    /// <param name="number">The value times <paramref name="scale"/>.</param>
    /// <param name="scale">A power of ten, 1 to 10^18: the value is written exactly.</param>
    /// <param name="always">Write it also when there is no room: for the sample that tells so.</param>
    public void Sample(ReadOnlySpan<byte> series, Int128 number, long scale, bool always = false)
    {
        if (!always && !HasRoomFor(series))
        {
            return;
        }

        Append(series);
        Append(" "u8);
        Decimal(number, scale);
        Append("\n"u8);
    }

    /// <summary>Writes a sample whose value is no finite decimal: the shortest form that reads back equal.</summary>
    public void Sample(ReadOnlySpan<byte> series, double value)
    {
        if (!HasRoomFor(series))
        {
            return;
        }

        Append(series);
        Append(" "u8);
        Append(value switch
        {
            double.PositiveInfinity => "+Inf",
            double.NegativeInfinity => "-Inf",
            double.NaN => "NaN",
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        });
        Append("\n"u8);
    }

    /// <summary>Name and labels of a sample: <c>node_disk_io_now{device="sda"}</c>.</summary>
    public static byte[] SeriesText(string name, ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (labels.IsEmpty)
        {
            return Encoding.UTF8.GetBytes(name);
        }

        var text = new StringBuilder(name);
        for (var i = 0; i < labels.Length; i++)
        {
            text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
            text.Append(EscapeLabel(labels[i].Value)).Append('"');
        }

        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    /// <summary>A label value as it stands between the quotes.</summary>
    public static string EscapeLabel(string value) => EscapeHelp(value).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <summary>A help text as it stands in its line.</summary>
    public static string EscapeHelp(string help) => help.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>Begins a new text in the same memory.</summary>
    public void Clear()
    {
        _length = 0;
        Omitted = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private bool HasRoomFor(ReadOnlySpan<byte> series)
    {
        if (_length + series.Length <= MaxBytes)
        {
            return true;
        }

        Omitted++;
        return false;
    }

    /// <summary>
    /// Writes number / scale without rounding and without trailing zeros: 142421 / 100 is <c>1424.21</c>.
    /// </summary>
    private void Decimal(Int128 number, long scale)
    {
        if (number < 0)
        {
            Append("-"u8);
            number = -number;
        }

        var (whole, rest) = Int128.DivRem(number, scale);
        Span<byte> digits = stackalloc byte[40];
        whole.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        Append(digits[..length]);
        if (rest == 0)
        {
            return;
        }

        // From the left, until nothing is left: the zeros at the end are never made.
        Append("."u8);
        length = 0;
        var left = (long)rest;
        for (var unit = scale / 10; left > 0; unit /= 10)
        {
            digits[length++] = (byte)('0' + (left / unit));
            left %= unit;
        }

        Append(digits[..length]);
    }

    private void Append(string text)
    {
        var room = Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        _length += Encoding.UTF8.GetBytes(text, room);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _length += bytes.Length;
    }

    private Span<byte> Reserve(int count)
    {
        if (_length + count > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(_length);
    }
}
