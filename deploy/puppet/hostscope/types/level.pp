# @summary A level of the log, from the most to the least talkative
type Hostscope::Level = Enum['Trace', 'Debug', 'Info', 'Warn', 'Error', 'Fatal', 'Off']
