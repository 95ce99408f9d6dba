# R mice (van Buuren & Groothuis-Oudshoorn, J. Stat. Softw. 45(3) (2011)) on a table of numbers.
#
#     Rscript benchmarks/peers/mice_impute.R INPUT.csv OUTPUT.csv METHOD M MAXIT SEED
#
# The input has a header; holes are empty cells or NA. METHOD is a univariate method of mice: norm,
# pmm or rf. The output is the m completed tables one below the other, a column `.imp` (from 1)
# first. All settings besides these are mice's own. The method rf needs ranger or randomForest.
suppressPackageStartupMessages(library(mice))

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 6) stop("expected INPUT.csv OUTPUT.csv METHOD M MAXIT SEED")
m <- as.integer(arguments[4])
table <- read.csv(arguments[1], check.names = FALSE, colClasses = "numeric")

options <- list(table,
  method = arguments[3], m = m, maxit = as.integer(arguments[5]),
  seed = as.integer(arguments[6]), printFlag = FALSE
)
if (arguments[3] == "rf" && !requireNamespace("ranger", quietly = TRUE)) {
  options$rfPackage <- "randomForest"
}
imputed <- do.call(mice, options)

completed <- lapply(seq_len(m), function(k) cbind(.imp = k, complete(imputed, k)))
write.table(format(do.call(rbind, completed), digits = 17, trim = TRUE),
  arguments[2], sep = ",", row.names = FALSE, quote = FALSE
)
