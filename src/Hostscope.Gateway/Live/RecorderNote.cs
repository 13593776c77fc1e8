using Hostscope.Gateway.Live.Sending;

namespace Hostscope.Gateway.Live;

/// <summary>
/// What the recorder has to say to viewers. Immutable; a viewer that missed one is whole with the next.
/// </summary>
/// <param name="Number">Grows with each note that differs, from 1.</param>
/// <param name="State">The object that stands in a hello.</param>
/// <param name="Message">The message <c>recorder</c>.</param>
internal sealed record RecorderNote(long Number, byte[] State, Message Message);

/// <summary>Where the recorder's newest note hangs; <c>null</c> when nothing is recorded on this machine.</summary>
internal sealed class RecorderBoard
{
    private volatile RecorderNote? _note;

    /// <summary>The note.</summary>
    public RecorderNote? Note
    {
        get => _note;
        set => _note = value;
    }
}
