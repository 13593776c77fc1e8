using Hostscope.Bus;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>Where questions find the past: a store that is being written, or a file.</summary>
internal interface IPast
{
    /// <summary>What there is at this moment.</summary>
    StoreView View { get; }

    /// <summary>The open files; <c>null</c> while there is no store.</summary>
    ReaderPool? Readers { get; }

    /// <summary>Whether the past is being added to.</summary>
    HistoryStatus Status();
}
