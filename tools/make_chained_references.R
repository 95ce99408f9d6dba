# What R mice says of its example nhanes, on average over seeds: the references of
# tests/imputation/chained/test_against_mice.py.
#
#     Rscript tools/make_chained_references.R norm 200
#     Rscript tools/make_chained_references.R pmm 200
#     Rscript tools/make_chained_references.R rf 40      # with the package randomForest
#
# Each seed is one run of mice with 20 imputations in 10 rounds; prints mean and standard deviation
# over seeds of the pooled estimates and standard errors of lm(chl ~ age + bmi).
suppressPackageStartupMessages(library(mice))
arguments <- commandArgs(trailingOnly = TRUE)
n_seeds <- as.integer(arguments[2])

runs <- t(sapply(seq_len(n_seeds), function(seed) {
  options <- list(nhanes,
    method = arguments[1], m = 20, maxit = 10, seed = seed, printFlag = FALSE
  )
  if (arguments[1] == "rf") options$rfPackage <- "randomForest"
  fits <- with(do.call(mice, options), lm(chl ~ age + bmi))
  pooled <- summary(pool(fits))
  c(pooled$estimate, pooled$std.error)
}))
colnames(runs) <- paste(rep(c("estimate", "error"), each = 3), c("intercept", "age", "bmi"))
print(rbind(mean = colMeans(runs), sd = apply(runs, 2, sd)), digits = 6)
