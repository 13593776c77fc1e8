using System.Text.Json;

namespace Hostscope.Gateway.Live;

/// <summary>
/// How a value stands on the wire: whole numbers exactly; others rounded to five significant digits, never coarser than
/// to a whole number, never finer than nine decimals; absent as <c>null</c>. Five digits are a hundredth of a pixel of
/// any chart, and half the bytes of a shortest round-trip form.
/// </summary>
internal static class WireNumber
{
    /// <summary>Relative error of a rounded value, at most.</summary>
    public const double RelativeError = 0.5e-4;

    /// <summary>Absolute error of a value too small for five significant digits in nine decimals, at most.</summary>
    public const double AbsoluteError = 0.5e-9;

    private const int MaxDecimals = 9;

    /// <summary>Doubles from here on are whole numbers all of them.</summary>
    private const double FirstWithoutFraction = 1L << 53;

    /// <summary>A sign, one digit, a point and nine decimals, or five digits and a point, with room to spare.</summary>
    private const int MaxLength = 32;

    /// <summary>The value below which one decimal more is written: index 0 for the first decimal.</summary>
    private static readonly double[] DecimalBelow = [1e4, 1e3, 1e2, 1e1, 1e0, 1e-1, 1e-2, 1e-3, 1e-4];

    private static readonly double[] PowerOfTen = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    /// <summary>Writes a value of a JSON array.</summary>
    public static void Write(Utf8JsonWriter json, double value)
    {
        if (!double.IsFinite(value))
        {
            json.WriteNullValue();
            return;
        }

        var magnitude = Math.Abs(value);
        if (magnitude >= FirstWithoutFraction)
        {
            json.WriteNumberValue(value); // No source has it. The shortest form that reads back equal.
        }
        else if (value == Math.Truncate(value))
        {
            json.WriteNumberValue((long)value);
        }
        else
        {
            Span<byte> text = stackalloc byte[MaxLength];
            json.WriteRawValue(Format(value < 0, magnitude, text), skipInputValidation: true);
        }
    }

    private static ReadOnlySpan<byte> Format(bool negative, double magnitude, Span<byte> text)
    {
        var decimals = 0;
        while (decimals < MaxDecimals && magnitude < DecimalBelow[decimals])
        {
            decimals++;
        }

        var digits = (long)Math.Round(magnitude * PowerOfTen[decimals]);
        while (decimals > 0 && digits % 10 == 0)
        {
            digits /= 10;
            decimals--;
        }

        // From the right: decimals, point, whole part, sign.
        var start = text.Length;
        for (var i = 0; i < decimals; i++)
        {
            text[--start] = (byte)('0' + (digits % 10));
            digits /= 10;
        }

        if (decimals > 0)
        {
            text[--start] = (byte)'.';
        }

        var isZero = digits == 0 && decimals == 0;
        do
        {
            text[--start] = (byte)('0' + (digits % 10));
            digits /= 10;
        }
        while (digits > 0);

        if (negative && !isZero)
        {
            text[--start] = (byte)'-';
        }

        return text[start..];
    }
}
