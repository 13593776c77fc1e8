# @summary A target of the log that NLog.config defines
type Hostscope::Target = Enum['console', 'file', 'json']
